/* SPDX-License-Identifier: Apache-2.0 */

/* The command line of a recorder: what is asked for, within what the host's
 * policy leaves it. */

#ifndef SPAN_CORE_SINK_OPTIONS_H
#define SPAN_CORE_SINK_OPTIONS_H 1

#include <stdbool.h>
#include "wanted.h"

void sink_options_build(const struct wanted *, const struct sink_config *,
                        const struct resolve_config *, struct smap *);
bool sink_option_is_live(const struct smap *options, const char *key);

#endif /* plugin/core/sink-options.h */
