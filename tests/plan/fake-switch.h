/* SPDX-License-Identifier: Apache-2.0 */

/* A switch that exists in memory only: it carries out plans the way
 * ovs-vswitchd and the recorders would, one pass later where those would be
 * later too. */

#ifndef TESTS_PLAN_FAKE_SWITCH_H
#define TESTS_PLAN_FAKE_SWITCH_H 1

#include "plan.h"
#include "switch-state.h"

struct fake_switch {
    struct switch_state state;
    unsigned int n_uuids;
    bool lag;                   /* vswitchd is a pass behind its database. */
    bool sinks_fail;            /* Recorders that are started fail. */
};

void fake_switch_init(struct fake_switch *, const char *system_id);
void fake_switch_destroy(struct fake_switch *);

struct uuid fake_switch_uuid(struct fake_switch *);
struct switch_bridge *fake_bridge(struct fake_switch *, const char *name);
struct switch_port *fake_port(struct switch_bridge *, const char *name);

struct switch_bridge *fake_add_bridge(struct fake_switch *, const char *name,
                                      const char *datapath_type);
struct switch_port *fake_add_port(struct fake_switch *,
                                  struct switch_bridge *, const char *name,
                                  const char *type);
struct switch_mirror *fake_add_mirror(struct fake_switch *,
                                      struct switch_bridge *,
                                      const char *name, const char *output);
bool fake_del_port(struct switch_bridge *, const char *name);
void fake_set_route(struct fake_switch *, const char *remote, bool found,
                    const char *dev, const char *src, enum neighbor);
void fake_ask_route(struct fake_switch *, const char *remote);
void fake_set_version(struct fake_switch *, const char *ovs_version);
void fake_set_active(struct switch_bridge *, const char *name,
                     const char *mac);
void fake_learn(struct switch_bridge *, const char *port, const char *mac,
                uint16_t vlan);
void fake_forget(struct switch_bridge *, const char *port);
void fake_fail_port(struct switch_bridge *, const char *name);
void fake_restart_vswitchd(struct fake_switch *);
void fake_del_meters(struct switch_bridge *);
void fake_del_flow(struct switch_bridge *, const struct span_flow *key);
void fake_apply_openflow(struct fake_switch *, const struct op *);

void fake_switch_tick(struct fake_switch *);
void fake_switch_apply(struct fake_switch *, const struct plan *);
char *fake_switch_to_string(const struct fake_switch *, bool ours);
size_t fake_switch_count_ours(const struct fake_switch *);

#endif /* tests/plan/fake-switch.h */
