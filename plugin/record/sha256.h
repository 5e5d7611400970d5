/* SPDX-License-Identifier: Apache-2.0 */

/* SHA-256 of a stream of bytes, by libcrypto. */

#ifndef SPAN_SHA256_H
#define SPAN_SHA256_H 1

#include <stddef.h>

/* The sum as 64 hexadecimal digits, and the end of the string. */
#define SHA256_HEX_SIZE 65

struct sha256;

struct sha256 *sha256_create(void);
void sha256_destroy(struct sha256 *);
void sha256_update(struct sha256 *, const void *, size_t n);
void sha256_finish(struct sha256 *, char hex[SHA256_HEX_SIZE]);
int sha256_file(int fd, char hex[SHA256_HEX_SIZE]);

#endif /* plugin/record/sha256.h */
