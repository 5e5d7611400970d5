/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives a fuzz target without libFuzzer: a corpus of seeds, then mutations
 * of them, the same ones in every run.
 *
 *   fuzz-core [N [SEED]]    N mutations a reader (default 20000) from SEED
 *
 * With clang the target is a libFuzzer program as well:
 *   clang -fsanitize=fuzzer,address,undefined fuzz-core.c ... */

#include <config.h>
#include "tests/fuzz/fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/tap.h"

#define MAX_INPUT 8192
#define N_ELEMENTS(ARRAY) (sizeof (ARRAY) / sizeof (ARRAY)[0])

/* xorshift64star, so that every machine tries the same. */
static uint64_t state;

static size_t
below(size_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * UINT64_C(2685821657736338717) >> 33) % n;
}

static const char *
pick(const char *const texts[], size_t max)
{
    size_t n = 0;

    while (n < max && texts[n]) {
        n++;
    }
    return texts[below(n)];
}

/* Puts the 'n' bytes of 'piece' in place of 'gone' bytes at 'at'. */
static void
splice(char *input, size_t *size, size_t at, size_t gone, const char *piece,
       size_t n)
{
    if (*size - gone + n <= MAX_INPUT) {
        memmove(input + at + n, input + at + gone, *size - at - gone);
        memcpy(input + at, piece, n);
        *size += n - gone;
    }
}

/* Changes the 'size' bytes of 'input' in one of several ways. */
static void
mutate(char *input, size_t *size, size_t reader)
{
    char piece[64];
    size_t at = below(*size + 1);
    size_t gone = below(*size - at + 1);
    const char *word = pick(fuzz_corpora[reader].words,
                            N_ELEMENTS(fuzz_corpora[reader].words));
    size_t n;

    switch (below(6)) {
    case 0:
        splice(input, size, at, 0, word, strlen(word));
        break;
    case 1:
        splice(input, size, at, gone < 8 ? gone : 8, word, strlen(word));
        break;
    case 2:
        splice(input, size, at, gone < 4 ? gone : 4, "", 0);
        break;
    case 3:
        piece[0] = below(256);
        splice(input, size, at, gone > 0, piece, 1);
        break;
    case 4:
        n = gone < sizeof piece ? gone : sizeof piece;
        memcpy(piece, input + at, n);
        splice(input, size, below(*size + 1), 0, piece, n);
        break;
    default:
        word = pick(fuzz_corpora[reader].seeds,
                    N_ELEMENTS(fuzz_corpora[reader].seeds));
        splice(input, size, at, gone, word, strlen(word));
        break;
    }
}

static void
run(size_t reader, const char *text, size_t size)
{
    static uint8_t input[MAX_INPUT + 1];

    input[0] = reader;
    memcpy(input + 1, text, size);
    LLVMFuzzerTestOneInput(input, size + 1);
}

static void
run_reader(size_t reader, unsigned long n_mutations)
{
    static char input[MAX_INPUT];
    const char *const *seeds = fuzz_corpora[reader].seeds;
    size_t max_seeds = N_ELEMENTS(fuzz_corpora[reader].seeds);

    for (size_t i = 0; i < max_seeds && seeds[i]; i++) {
        run(reader, seeds[i], strlen(seeds[i]));
    }
    for (unsigned long i = 0; i < n_mutations; i++) {
        const char *seed = pick(seeds, max_seeds);
        size_t size = strlen(seed);

        memcpy(input, seed, size);
        for (size_t j = below(8) + 1; j > 0; j--) {
            mutate(input, &size, reader);
        }
        run(reader, input, size);
    }
    tap_ok(true, "%lu mutations of %s", n_mutations,
           fuzz_corpora[reader].name);
}

int
main(int argc, char *argv[])
{
    unsigned long n_mutations = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;

    for (size_t reader = 0; reader < fuzz_n_corpora; reader++) {
        state = 88172645463325252 + (argc > 2 ? strtoul(argv[2], NULL, 10)
                                     : 0);
        run_reader(reader, n_mutations);
    }
    return tap_done();
}
