/* SPDX-License-Identifier: Apache-2.0 */

/* The text of --help; see options.h. */

#include <config.h>

#include "options.h"

static const char usage[] =
"Usage: ovs-span-sink --interface=IF --write=FILE|- [OPTION]...\n"
"       ovs-span-sink --interface=IF --sink=NAME --dir=DIR --control=SOCKET\n"
"                     [OPTION]...\n"
"       ovs-span-sink --list [--sink=NAME] --dir=DIR\n"
"Record the frames that arrive at network interface IF.\n"
"\n"
"  --interface=IF       network interface to record from\n"
"  --write=FILE|-       by hand: the file to write, or - for standard output\n"
"  --sink=NAME          under ovs-spand: the sink's name,\n"
"  --dir=DIR            where its directory is made,\n"
"  --control=SOCKET     and the Unix socket to be controlled through (or\n"
"                       by hand, if you like)\n"
"\n"
"What is recorded:\n"
"  --filter=BPF         only frames that match (pcap-filter(7)), in whatever\n"
"                       VLAN they are\n"
"  --vlan-aware=true|false\n"
"                       false: take the filter as it is written\n"
"  --sample=N           of these, one in N by chance (1: all)\n"
"  --snaplen=N          only the first N bytes of each frame (0: all)\n"
"  --format=pcapng|pcap how it is written; both with nanoseconds\n"
"  --host=NAME          this host's name and\n"
"  --sessions=A,B       the sessions recorded, said in files and manifests\n"
"  --description=TEXT   said about the interface instead\n"
"\n"
"When it ends (0: never for that reason):\n"
"  --count=N            after N packets\n"
"  --duration=N         after N seconds\n"
"\n"
"When a new file begins (0: never for that reason):\n"
"  --filesize=SIZE      before a file grows larger (100MB under ovs-spand)\n"
"  --seconds=N          when a file was open for N seconds\n"
"  --packets=N          when a file holds N packets\n"
"\n"
"What is kept:\n"
"  --files=N            the N newest files, the open one included\n"
"  --max-bytes=SIZE     the newest files that have SIZE bytes together\n"
"  --min-free=N%|SIZE|N%,SIZE\n"
"                       leave so much free on the disk (10% under ovs-spand)\n"
"  --budget=SIZE        all files together never take more than SIZE\n"
"  --on-full=ring|stop|pause\n"
"                       no room: delete the oldest, end, or lose frames;\n"
"                       ring with --files or --max-bytes, else pause\n"
"  --network-fs=allow|refuse|SIZE\n"
"                       on NFS, SMB, FUSE and the like: without limit,\n"
"                       not at all, or SIZE a second (50MB under ovs-spand)\n"
"  --compress=true      with --sink: compress closed files (zstd)\n"
"  --sha256=true        with --sink: their SHA-256 in their manifests\n"
"\n"
"How it is done:\n"
"  --byte-rate=SIZE     no more than SIZE bytes a second: cut frames, then\n"
"                       take fewer, then none, as long as need be\n"
"  --buffer=SIZE        memory for frames in the kernel (256MiB)\n"
"  --overload=wait|drop when the files cannot follow and our memory is full:\n"
"                       leave frames to the buffer (wait), or leave them out\n"
"  --cpu=N              run the capture thread on processor N\n"
"  --priority=N         with real-time priority N (1 to 99)\n"
"  --user=NAME          record as this user, once all is open (span, or the\n"
"                       owner of the directory)\n"
"  --stats              print the counters each second; on a terminal they\n"
"                       are shown anyway\n"
"\n"
"  --list               print what is known of the sink's files, as JSON;\n"
"                       without --sink, which sinks have files there\n"
"  --help, --version\n"
"\n"
"A SIZE is a number of bytes, or has a unit: K, M, G, KB, MB, GB count in\n"
"thousands, KiB, MiB, GiB in 1024s.\n";

/* Returns the text of --help. */
const char *
options_usage(void)
{
    return usage;
}
