-- Evidence of every exchange. Times are microseconds since 1970-01-01 UTC.
-- No column holds a personal identifier in plain text: subject_ref is a keyed
-- hash, and the journal masks whatever looks like an IIN in the others.

CREATE TABLE intent (
    seq                 INTEGER PRIMARY KEY,
    exchange            TEXT    NOT NULL UNIQUE,
    request             TEXT    NOT NULL,
    correlation         TEXT    NOT NULL,
    client              TEXT    NOT NULL,
    operation           TEXT    NOT NULL,
    registry            TEXT    NOT NULL,
    purpose_service     TEXT    NOT NULL,
    purpose_case        TEXT    NOT NULL,
    purpose_legal_basis TEXT    NOT NULL,
    purpose_official    TEXT    NOT NULL,
    subject_ref         TEXT    NOT NULL,
    at                  INTEGER NOT NULL
);

-- One outcome per intent, under the intent's number: a second one cannot be
-- recorded, and an intent without one is found by the number that is missing.
CREATE TABLE outcome (
    intent           INTEGER PRIMARY KEY REFERENCES intent (seq),
    at               INTEGER NOT NULL,
    class            TEXT    NOT NULL,
    message_id       TEXT    NOT NULL,
    status_code      TEXT    NOT NULL,
    attempts         INTEGER NOT NULL,
    envelope_verdict TEXT    NOT NULL,
    inner_verdict    TEXT    NOT NULL,
    signer           TEXT    NOT NULL,
    answer_digest    TEXT    NOT NULL,
    duration         INTEGER NOT NULL
);

-- Signed answers accepted before, by the SHA-256 of what identifies them.
CREATE TABLE seen (
    key   BLOB    PRIMARY KEY,
    until INTEGER NOT NULL
) WITHOUT ROWID;

-- What the retention period removed. A removal is itself on record.
CREATE TABLE pruning (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    "before" INTEGER NOT NULL
);

CREATE TRIGGER intent_no_update BEFORE UPDATE ON intent
BEGIN SELECT RAISE(ABORT, 'intent is append-only'); END;

CREATE TRIGGER outcome_no_update BEFORE UPDATE ON outcome
BEGIN SELECT RAISE(ABORT, 'outcome is append-only'); END;

CREATE TRIGGER pruning_no_update BEFORE UPDATE ON pruning
BEGIN SELECT RAISE(ABORT, 'pruning is append-only'); END;

CREATE TRIGGER pruning_no_delete BEFORE DELETE ON pruning
BEGIN SELECT RAISE(ABORT, 'pruning is append-only'); END;

-- Rows leave only when a pruning record says up to which time.
CREATE TRIGGER intent_no_delete BEFORE DELETE ON intent
WHEN OLD.at >= (SELECT coalesce(max("before"), 0) FROM pruning)
BEGIN SELECT RAISE(ABORT, 'intent is append-only'); END;

CREATE TRIGGER outcome_no_delete BEFORE DELETE ON outcome
WHEN (SELECT at FROM intent WHERE seq = OLD.intent) >= (SELECT coalesce(max("before"), 0) FROM pruning)
BEGIN SELECT RAISE(ABORT, 'outcome is append-only'); END;
