/* SPDX-License-Identifier: Apache-2.0 */

/* ovs-span-sink; everything is in the library, so that tests can link it. */

#include <config.h>

#include "sink-main.h"

int
main(int argc, char *argv[])
{
    return sink_main(argc, argv);
}
