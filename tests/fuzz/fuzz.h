/* SPDX-License-Identifier: Apache-2.0
 *
 * What a fuzz target and its driver agree on. */

#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H 1

#include <stddef.h>
#include <stdint.h>

/* What fuzz-main.c feeds to one reader: seeds, and pieces that mutations put
 * in. */
struct fuzz_corpus {
    const char *name;
    const char *seeds[8];
    const char *words[24];
};

/* The target's corpora, one a reader.  The first byte of an input, modulo
 * their number, says which reader gets the rest. */
extern const struct fuzz_corpus fuzz_corpora[];
extern const size_t fuzz_n_corpora;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* tests/fuzz/fuzz.h */
