/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers of pcapng that its writer and its reader share. */

#ifndef SPAN_PCAPNG_BLOCKS_H
#define SPAN_PCAPNG_BLOCKS_H 1

#define BYTE_ORDER_MAGIC 0x1a2b3c4d

/* Block types. */
#define BLOCK_IDB 0x00000001
#define BLOCK_OLD 0x00000002    /* A packet, as they were once. */
#define BLOCK_SPB 0x00000003
#define BLOCK_ISB 0x00000005
#define BLOCK_EPB 0x00000006
#define BLOCK_SHB 0x0a0d0d0a

/* Options, each numbered within its block. */
#define OPT_END           0
#define SHB_OS            3
#define SHB_USERAPPL      4
#define IDB_NAME          2
#define IDB_DESCRIPTION   3
#define IDB_SPEED         8
#define IDB_TSRESOL       9
#define IDB_FILTER        11
#define IDB_OS            12
#define IDB_TSOFFSET      14
#define EPB_DROPCOUNT     4
#define ISB_STARTTIME     2
#define ISB_ENDTIME       3
#define ISB_IFRECV        4
#define ISB_IFDROP        5
#define ISB_FILTERACCEPT  6
#define ISB_OSDROP        7
#define ISB_USRDELIV      8

/* An EPB has 28 bytes before the packet and 4 after it; a dropcount with the
 * end of options takes 16 more. */
#define EPB_HEAD 28
#define EPB_DROPCOUNT_SIZE 16
#define BLOCK_MIN 12

#endif /* plugin/record/pcapng-blocks.h */
