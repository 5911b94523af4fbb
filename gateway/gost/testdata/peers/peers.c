// One side of the comparison in peers_test.go: OpenSSL and its GOST engine,
// through the public interface of libcrypto.
//
//   peers DIRECTORY
//
// The directory holds the message to hash, and for each of the keys 256, 512 and
// rsa NAME.private (PKCS#8), NAME.public (SubjectPublicKeyInfo), NAME.digest and
// NAME.signature; rsa.text is what rsa.digest is of. Signatures are in the form of
// national certificates. A line "OPERATION N" on the standard input does the
// operation N times; the answer is a line with the nanoseconds of processor time
// this took and, in hexadecimal, what came of the last time: a signature, a
// digest, or nothing. What does not succeed ends the program.

#define OPENSSL_SUPPRESS_DEPRECATED // engines are, without a successor here

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONGEST = 1 << 20 };

struct bytes {
    unsigned char *at;
    size_t n;
};

static void need(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "%s: ", what);
        ERR_print_errors_fp(stderr);
        exit(1);
    }
}

static struct bytes file(const char *dir, const char *name, const char *end) {
    char path[4096];
    need(snprintf(path, sizeof path, "%s/%s%s", dir, name, end) < (int)sizeof path, "path");
    FILE *f = fopen(path, "rb");
    need(f != NULL, path);
    struct bytes b = {malloc(LONGEST), 0};
    b.n = fread(b.at, 1, LONGEST, f);
    fclose(f);
    return b;
}

// The engine writes s and r, the highest byte first: the mirror image of ours.
static void mirror(unsigned char *b, size_t n) {
    for (size_t i = 0; i < n / 2; i++) {
        unsigned char c = b[i];
        b[i] = b[n - 1 - i];
        b[n - 1 - i] = c;
    }
}

struct key {
    int rsa;
    struct bytes public, digest, signature;
    EVP_PKEY_CTX *signer, *verifier;
};

static EVP_PKEY_CTX *context(EVP_PKEY *pkey, int (*init)(EVP_PKEY_CTX *), int rsa) {
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(pkey, NULL);
    need(c != NULL && init(c) == 1, "context");
    if (rsa) {
        need(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1 && EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()) == 1, "PKCS #1");
    }
    return c;
}

static EVP_PKEY_CTX *verifier(const struct key *k) {
    const unsigned char *p = k->public.at;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &p, (long)k->public.n);
    need(pkey != NULL, "public key");
    EVP_PKEY_CTX *c = context(pkey, EVP_PKEY_verify_init, k->rsa);
    EVP_PKEY_free(pkey); // the context keeps it
    return c;
}

static struct key load(const char *dir, const char *name) {
    struct key k = {strcmp(name, "rsa") == 0, file(dir, name, ".public"), file(dir, name, ".digest"), file(dir, name, ".signature"), NULL, NULL};
    struct bytes der = file(dir, name, ".private");
    const unsigned char *p = der.at;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.n);
    EVP_PKEY *private = info ? EVP_PKCS82PKEY(info) : NULL;
    need(private != NULL, "private key");
    if (!k.rsa) {
        mirror(k.signature.at, k.signature.n);
    }
    k.signer = context(private, EVP_PKEY_sign_init, k.rsa);
    k.verifier = verifier(&k);
    return k;
}

// What an operation works on, and where its result goes.
struct subject {
    struct key *key;
    const EVP_MD *md;
    struct bytes message;
    unsigned char out[512];
    size_t n;
};

static void sign(struct subject *s) {
    s->n = sizeof s->out;
    need(EVP_PKEY_sign(s->key->signer, s->out, &s->n, s->key->digest.at, s->key->digest.n) == 1, "sign");
}

static void check(EVP_PKEY_CTX *c, const struct key *k) {
    need(EVP_PKEY_verify(c, k->signature.at, k->signature.n, k->digest.at, k->digest.n) == 1, "verify");
}

static void verify(struct subject *s) { check(s->key->verifier, s->key); }

static void first(struct subject *s) {
    EVP_PKEY_CTX *c = verifier(s->key);
    check(c, s->key);
    EVP_PKEY_CTX_free(c);
}

static void hash(struct subject *s) {
    unsigned n = sizeof s->out;
    need(EVP_Digest(s->message.at, s->message.n, s->out, &n, s->md, NULL) == 1, "hash");
    s->n = n;
}

static long long processor(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
    need(argc == 2, "usage: peers DIRECTORY");
    ENGINE_load_builtin_engines();
    ENGINE *gost = ENGINE_by_id("gost");
    need(gost != NULL && ENGINE_init(gost) && ENGINE_set_default(gost, ENGINE_METHOD_ALL), "engine");
    const char *dir = argv[1];
    struct key k256 = load(dir, "256"), k512 = load(dir, "512"), rsa = load(dir, "rsa");
    struct bytes message = file(dir, "message", "");
    const EVP_MD *streebog = EVP_get_digestbyname("md_gost12_512"), *gost94 = EVP_get_digestbyname("md_gost94");
    need(streebog && gost94, "digest");
    struct {
        const char *name;
        void (*once)(struct subject *);
        struct subject subject;
    } operations[] = {
        {"sign-256", sign, {.key = &k256}},          {"sign-512", sign, {.key = &k512}},
        {"verify-256", verify, {.key = &k256}},      {"verify-512", verify, {.key = &k512}},
        {"verify-256-first", first, {.key = &k256}}, {"verify-512-first", first, {.key = &k512}},
        {"rsa-sign", sign, {.key = &rsa}},           {"rsa-verify", verify, {.key = &rsa}},
        {"streebog-512", hash, {.md = streebog, .message = message}},
        {"34.311-95", hash, {.md = gost94, .message = message}},
    };
    char name[32];
    for (long times; scanf("%31s %ld", name, &times) == 2;) {
        size_t i = 0, all = sizeof operations / sizeof *operations;
        while (i < all && strcmp(name, operations[i].name) != 0) {
            i++;
        }
        need(i < all, name);
        struct subject *s = &operations[i].subject;
        long long start = processor();
        for (long n = 0; n < times; n++) {
            operations[i].once(s);
        }
        printf("%lld ", processor() - start);
        if (operations[i].once == sign && !s->key->rsa) {
            mirror(s->out, s->n);
        }
        for (size_t b = 0; b < s->n; b++) {
            printf("%02x", s->out[b]);
        }
        puts("");
        fflush(stdout);
    }
    return 0;
}
