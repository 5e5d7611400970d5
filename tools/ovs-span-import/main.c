/* SPDX-License-Identifier: Apache-2.0 */

/* ovs-span-import; everything is in the library, so that tests can link it. */

#include <config.h>

#include "import-main.h"

int
main(int argc, char *argv[])
{
    return import_main(argc, argv);
}
