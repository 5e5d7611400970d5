/* SPDX-License-Identifier: Apache-2.0 */

/* SHA-256; see sha256.h. */

#include <config.h>

#include "sha256.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "record-util.h"

#define CHUNK (1 << 20)

struct sha256 {
    EVP_MD_CTX *ctx;
};

/* libcrypto fails here only without memory. */
static void
check(bool worked)
{
    if (!worked) {
        fputs("libcrypto: SHA-256 fails\n", stderr);
        abort();
    }
}

/* Starts a sum.  The caller must destroy it. */
struct sha256 *
sha256_create(void)
{
    struct sha256 *sum = rec_xcalloc(1, sizeof *sum);

    sum->ctx = EVP_MD_CTX_new();
    check(sum->ctx && EVP_DigestInit_ex(sum->ctx, EVP_sha256(), NULL));
    return sum;
}

/* Frees 'sum', which may be NULL. */
void
sha256_destroy(struct sha256 *sum)
{
    if (sum) {
        EVP_MD_CTX_free(sum->ctx);
        free(sum);
    }
}

/* Adds the 'n' bytes at 'data'. */
void
sha256_update(struct sha256 *sum, const void *data, size_t n)
{
    check(EVP_DigestUpdate(sum->ctx, data, n));
}

/* Stores the sum of all that was added, and starts anew. */
void
sha256_finish(struct sha256 *sum, char hex[SHA256_HEX_SIZE])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int n;

    check(EVP_DigestFinal_ex(sum->ctx, digest, &n)
          && 2 * n + 1 == SHA256_HEX_SIZE);
    for (unsigned int i = 0; i < n; i++) {
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
    check(EVP_DigestInit_ex(sum->ctx, EVP_sha256(), NULL));
}

/* Stores the sum of all of the file 'fd', wherever its offset is, which stays.
 * Returns 0 or a positive errno value. */
int
sha256_file(int fd, char hex[SHA256_HEX_SIZE])
{
    struct sha256 *sum = sha256_create();
    uint8_t *data = rec_xcalloc(1, CHUNK);
    uint64_t offset = 0;
    ssize_t n;

    do {
        n = pread(fd, data, CHUNK, offset);
        if (n > 0) {
            sha256_update(sum, data, n);
            offset += n;
        }
    } while (n > 0 || (n < 0 && errno == EINTR));
    int error = n < 0 ? errno : 0;

    sha256_finish(sum, hex);
    sha256_destroy(sum);
    free(data);
    return error;
}
