/* SPDX-License-Identifier: Apache-2.0 */

/* The system calls that a recorder may make once it records. */

#ifndef SPAN_SINK_SYSCALL_FILTER_H
#define SPAN_SINK_SYSCALL_FILTER_H 1

/* Are we built with sanitizers, which need more calls than the recorder? */
#if defined __SANITIZE_ADDRESS__
#define SYSCALL_FILTER_IS_LOOSE 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define SYSCALL_FILTER_IS_LOOSE 1
#endif
#endif
#ifndef SYSCALL_FILTER_IS_LOOSE
#define SYSCALL_FILTER_IS_LOOSE 0
#endif

int syscall_filter_install(void);

#endif /* plugin/sink/syscall-filter.h */
