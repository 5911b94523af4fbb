-- Records leave by their age, and the oldest are looked for every hour.

CREATE INDEX intent_at ON intent (at);
