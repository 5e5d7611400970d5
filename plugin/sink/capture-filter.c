/* SPDX-License-Identifier: Apache-2.0 */

/* Which frames are captured; see capture-filter.h. */

#include <config.h>

#include "capture-filter.h"

#include <stdlib.h>
#include <string.h>

#include "name-lookup.h"
#include "plugin/record/record-util.h"

/* The instructions that take a sample, and where the last of them is. */
#define SAMPLE_LEN 6
#define SAMPLE_REJECT 5

/* Jumps from instruction FROM to instruction TO. */
#define JUMP(FROM, TO) ((TO) - (FROM) - 1)

static bool
is_blank(const char *text)
{
    return !text[strspn(text, " \t\r\n")];
}

/* Returns the expression for frames that match 'filter' without a VLAN tag,
 * with one, or with two.  The caller must free the string.
 *
 * The kernel takes the outermost tag of an arriving frame out of it before we
 * see the frame, so 'filter' itself serves for none and one.  With a second
 * tag it would look at the wrong bytes: "udp" would never match, and "not udp"
 * always.  After "vlan and vlan" libpcap looks behind both.  A filter that
 * speaks of VLANs itself is taken as it is. */
char *
capture_filter_widen(const char *filter)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    const char *p = filter;

    if (is_blank(filter)) {
        return rec_xstrdup("");
    }
    while (*p) {
        size_t n = strspn(p, word);

        if (n == 4 && !strncmp(p, "vlan", 4)) {
            return rec_xstrdup(filter);
        }
        p += n ? n : 1;
    }
    return rec_xasprintf("(not (ether proto 0x8100 or ether proto 0x88a8 "
                          "or ether proto 0x9100) and (%s)) "
                          "or (vlan and vlan and (%s))", filter, filter);
}

/* Lays out at 'code' what goes on behind itself with one frame in 'n', and
 * rejects the others.
 *
 * A random number of 32 bits is below 2^32 / n with that probability if n
 * divides 2^32.  If not, the number that the division cuts counts in part: a
 * second random number decides by what the first division left, so that what
 * remains of an error is below 2^-64. */
static void
put_sample(struct sock_filter code[SAMPLE_LEN], uint32_t n)
{
    const uint64_t range = UINT64_C(1) << 32;
    uint32_t whole = range / n;
    uint32_t part = range % n * range / n;
    const struct sock_filter load_random = BPF_STMT(
        BPF_LD | BPF_W | BPF_ABS, (uint32_t) (SKF_AD_OFF + SKF_AD_RANDOM));
    const struct sock_filter sample[SAMPLE_LEN] = {
        load_random,
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, whole, JUMP(1, SAMPLE_REJECT), 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, whole, 0, JUMP(2, SAMPLE_LEN)),
        load_random,
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, part, JUMP(4, SAMPLE_REJECT),
                 JUMP(4, SAMPLE_LEN)),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };

    memcpy(code, sample, sizeof sample);
}

/* Compiles 'expression' for 'pcap'.  Returns NULL or a sentence. */
static char *
compile(pcap_t *pcap, const char *expression, struct bpf_program *program)
{
    return (pcap_compile(pcap, program, expression, 1, PCAP_NETMASK_UNKNOWN)
            ? rec_xasprintf("filter \"%s\": %s", expression,
                            pcap_geterr(pcap))
            : NULL);
}

/* Compiles the expression of 'f' as it is meant. */
static char *
compile_wide(const struct capture_filter *f, pcap_t *pcap,
             struct bpf_program *program)
{
    char *error, *wide;

    /* First as it was written, so that mistakes are named as such. */
    error = compile(pcap, f->expression, program);
    if (error || !f->vlan_aware) {
        return error;
    }
    pcap_freecode(program);
    wide = capture_filter_widen(f->expression);
    error = compile(pcap, wide, program);
    free(wide);
    return error;
}

/* Makes the program for 'f', for the interface and the snap length of 'pcap'.
 * Names of hosts and networks are not looked up.  Returns NULL and stores the
 * program in '*fprog', whose 'filter' the caller must free, or returns a
 * sentence that the caller must free. */
char *
capture_filter_compile(const struct capture_filter *f, pcap_t *pcap,
                       struct sock_fprog *fprog)
{
    struct bpf_program program;
    struct sock_filter *code;
    unsigned int n, start = f->sample > 1 ? SAMPLE_LEN : 0;
    char *error;

    name_lookup_forbid();
    error = compile_wide(f, pcap, &program);
    if (error) {
        return error;
    }
    n = start + program.bf_len;
    if (n > BPF_MAXINSNS) {
        pcap_freecode(&program);
        return rec_xasprintf("filter \"%s\": is too long", f->expression);
    }
    code = rec_xcalloc(n, sizeof *code);
    if (start) {
        put_sample(code, f->sample);
    }
    for (unsigned int i = 0; i < program.bf_len; i++) {
        const struct bpf_insn *insn = &program.bf_insns[i];

        code[start + i] = (struct sock_filter) {
            insn->code, insn->jt, insn->jf, insn->k
        };
    }
    pcap_freecode(&program);
    *fprog = (struct sock_fprog) { .len = n, .filter = code };
    return NULL;
}

/* Returns true if every frame passes 'filter'. */
bool
capture_filter_takes_all(const struct capture_filter *filter)
{
    return filter->sample <= 1 && is_blank(filter->expression);
}
