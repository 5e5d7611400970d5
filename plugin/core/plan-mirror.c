/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a plan that brings the selection of a Mirror row to what it
 * should be, by what is missing and what is too much: other people may write
 * the row, too. */

#include <config.h>
#include "planner.h"

#include <stdlib.h>

#include "openvswitch/util.h"
#include "util.h"
#include "uuid.h"

/* The difference of two sorted arrays of UUIDs: what 'wanted' has and 'is'
 * lacks.  Returns it in '*outp' and '*n_out'; the caller must free it. */
static void
missing_uuids(const struct uuid *wanted, size_t n_wanted,
              const struct uuid *is, size_t n_is,
              struct uuid **outp, size_t *n_out)
{
    struct uuid *out = xmalloc((n_wanted + 1) * sizeof *out);
    size_t n = 0, j = 0;

    for (size_t i = 0; i < n_wanted; i++) {
        while (j < n_is && uuid_compare_3way(&is[j], &wanted[i]) < 0) {
            j++;
        }
        if (j >= n_is || !uuid_equals(&is[j], &wanted[i])) {
            out[n++] = wanted[i];
        }
    }
    *outp = out;
    *n_out = n;
}

static void
missing_vlans(const uint16_t *wanted, size_t n_wanted,
              const uint16_t *is, size_t n_is,
              uint16_t **outp, size_t *n_out)
{
    uint16_t *out = xmalloc((n_wanted + 1) * sizeof *out);
    size_t n = 0, j = 0;

    for (size_t i = 0; i < n_wanted; i++) {
        while (j < n_is && is[j] < wanted[i]) {
            j++;
        }
        if (j >= n_is || is[j] != wanted[i]) {
            out[n++] = wanted[i];
        }
    }
    *outp = out;
    *n_out = n;
}

static struct uuid *
port_uuids(const struct switch_port *const *ports, size_t n)
{
    struct uuid *uuids = xmalloc((n + 1) * sizeof *uuids);

    for (size_t i = 0; i < n; i++) {
        uuids[i] = ports[i]->uuid;
    }
    return uuids;
}

static bool
set_mirror_is_empty(const struct op *op)
{
    return !op->output && !op->clear_select_all && smap_is_empty(&op->ids)
           && !op->n_add_src && !op->n_del_src && !op->n_add_dst
           && !op->n_del_dst && !op->n_add_vlans && !op->n_del_vlans;
}

/* Plans to bring 'mirror' of 'bridge' to 'selection', whose ports and VLANs
 * are sorted. */
void
planner_set_mirror(struct planner *p, const struct switch_bridge *bridge,
                   const struct switch_mirror *mirror,
                   const struct mirror_selection *selection)
{
    const struct mirror_selection *s = selection;
    struct uuid *src = port_uuids(s->src, s->n_src);
    struct uuid *dst = port_uuids(s->dst, s->n_dst);
    struct op *op = planner_add_op(p, OP_SET_MIRROR, bridge->name,
                                   mirror->name);

    op->row = mirror->uuid;
    op->clear_select_all = mirror->select_all;
    if (s->output && !uuid_equals(&mirror->output_port, &s->output->uuid)) {
        op->output = xstrdup(s->output->name);
    }
    missing_uuids(src, s->n_src, mirror->src, mirror->n_src,
                  &op->add_src, &op->n_add_src);
    missing_uuids(mirror->src, mirror->n_src, src, s->n_src,
                  &op->del_src, &op->n_del_src);
    missing_uuids(dst, s->n_dst, mirror->dst, mirror->n_dst,
                  &op->add_dst, &op->n_add_dst);
    missing_uuids(mirror->dst, mirror->n_dst, dst, s->n_dst,
                  &op->del_dst, &op->n_del_dst);
    missing_vlans(s->vlans, s->n_vlans, mirror->vlans, mirror->n_vlans,
                  &op->add_vlans, &op->n_add_vlans);
    missing_vlans(mirror->vlans, mirror->n_vlans, s->vlans, s->n_vlans,
                  &op->del_vlans, &op->n_del_vlans);
    free(src);
    free(dst);
    if (set_mirror_is_empty(op)) {
        planner_drop_last_op(p);
    }
}
