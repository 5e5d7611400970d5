/* SPDX-License-Identifier: Apache-2.0 */

/* The system calls that a recorder may make; see syscall-filter.h.
 *
 * What is not listed "is not there" (ENOSYS): a C library that we do not know
 * yet then falls back on an older call, where EPERM would end the capture.
 * What gets an intruder further is refused (EPERM), or ends the process if
 * nothing of ours could ever come near it.  Names that this architecture or
 * libseccomp does not have are passed over, so that the lists can serve all of
 * them. */

#include <config.h>

#include "syscall-filter.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "plugin/record/record-util.h"

/* The clone() of some architectures has its flags second. */
#if defined __s390__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

#define THREAD_FLAGS (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)

static const char *const allowed[] = {
    /* Files that are open. */
    "read", "readv", "pread64", "preadv", "preadv2", "write", "writev",
    "pwrite64", "pwritev", "pwritev2", "lseek", "_llseek", "close",
    "close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64", "flock",
    "fstat", "fstat64", "fstatfs", "fstatfs64", "ftruncate", "ftruncate64",
    "fallocate", "fsync", "fdatasync", "sync_file_range", "sync_file_range2",
    "arm_sync_file_range", "fadvise64", "fadvise64_64", "arm_fadvise64_64",
    "getdents", "getdents64", "copy_file_range",

    /* Files by name. */
    "open", "openat", "stat", "stat64", "lstat", "lstat64", "fstatat64",
    "newfstatat", "statx", "statfs", "statfs64", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "getcwd", "mkdir", "mkdirat",
    "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir",
    "umask", "linkat",          /* Files opened ahead get their names by it. */

    /* Sockets that are open, and clients of the one we listen at. */
    "accept", "accept4", "recv", "recvfrom", "recvmsg", "recvmmsg",
    "recvmmsg_time64", "send", "sendto", "sendmsg", "sendmmsg", "shutdown",
    "getsockname", "getpeername", "getsockopt", "setsockopt",

    /* Waiting. */
    "poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6",
    "pselect6_time64", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "epoll_pwait2", "eventfd2", "pipe2", "timerfd_create",
    "timerfd_settime", "timerfd_settime64", "timerfd_gettime",
    "timerfd_gettime64", "signalfd4", "nanosleep", "clock_nanosleep",
    "clock_nanosleep_time64", "restart_syscall", "sched_yield",

    /* Memory. */
    "brk", "munmap", "mremap", "madvise", "mlock", "mlock2", "munlock",

    /* Threads and signals. */
    "futex", "futex_time64", "futex_waitv", "set_robust_list",
    "get_robust_list", "rseq", "set_tid_address", "membarrier", "exit",
    "exit_group", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "sigreturn", "rt_sigtimedwait", "rt_sigtimedwait_time64", "sigaltstack",
    "sched_getaffinity", "sched_setaffinity", "sched_getattr",
    "sched_setattr", "sched_getparam", "sched_setparam",
    "sched_getscheduler", "sched_setscheduler", "sched_get_priority_max",
    "sched_get_priority_min", "getpriority", "setpriority", "ioprio_get",
    "ioprio_set", "getcpu",

    /* Facts. */
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64",
    "gettimeofday", "time", "getrandom", "getpid", "getppid", "gettid",
    "getuid", "getuid32", "geteuid", "geteuid32", "getgid", "getgid32",
    "getegid", "getegid32", "getrlimit", "ugetrlimit", "getrusage", "sysinfo",
    "times", "uname",

#if defined __s390__
    /* Its arguments are in memory, where a filter cannot look. */
    "mmap",
#endif
#if SYSCALL_FILTER_IS_LOOSE
    /* The leak checker stops our threads, from a process of its own. */
    "clone", "kill", "prctl", "ptrace", "wait4",
#endif
};

/* Things that a library might try, but must not get. */
static const char *const refused[] = {
    "socket", "socketpair", "fork", "vfork", "kill", "tkill", "pidfd_open",
    "pidfd_getfd", "pidfd_send_signal", "chmod", "fchmod", "fchmodat",
    "chown", "chown32", "fchown", "fchown32", "fchownat", "lchown",
    "lchown32", "link", "symlink", "symlinkat", "mknod", "mknodat",
    "truncate", "truncate64", "capset", "setrlimit", "shmget", "shmat",
    "memfd_create", "io_uring_setup", "perf_event_open",
    "process_madvise", "setpgid", "setsid", "sethostname",
};

/* Things that nobody tries but an intruder. */
static const char *const fatal[] = {
    "execve", "execveat", "connect", "bind", "listen", "process_vm_readv",
    "process_vm_writev", "bpf", "userfaultfd", "keyctl", "add_key",
    "request_key", "open_by_handle_at", "mount", "umount", "umount2",
    "move_mount", "open_tree", "fsopen", "fsmount", "pivot_root", "chroot",
    "setns", "unshare", "init_module", "finit_module", "delete_module",
    "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "setuid",
    "setuid32", "setgid", "setgid32", "setreuid", "setreuid32", "setregid",
    "setregid32", "setresuid", "setresuid32", "setresgid", "setresgid32",
    "setgroups", "setgroups32", "setfsuid", "setfsuid32", "setfsgid",
    "setfsgid32", "iopl", "ioperm", "quotactl", "acct", "settimeofday",
    "clock_settime", "clock_settime64", "adjtimex", "clock_adjtime",
#if !SYSCALL_FILTER_IS_LOOSE
    "ptrace",
#endif
};

/* What the C library and libpcap ask of a terminal or an interface; not among
 * it is TIOCSTI, which types at somebody's terminal. */
static const unsigned int ioctls[] = {
    TCGETS, TIOCGWINSZ, FIONREAD, SIOCOUTQ, SIOCGIFFLAGS, SIOCGIFINDEX,
    SIOCGIFMTU, SIOCGIFNAME, SIOCETHTOOL,
};

static const unsigned int prctls[] = {
    PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_SET_TIMERSLACK,
    0x53564d41 /* PR_SET_VMA: malloc() names what it maps. */,
};

/* Adds 'action' for each of the 'n' calls that exists here. */
static int
add_calls(scmp_filter_ctx ctx, uint32_t action, const char *const names[],
          size_t n)
{
    int error = 0;

    for (size_t i = 0; i < n && !error; i++) {
        int nr = seccomp_syscall_resolve_name(names[i]);

        if (nr != __NR_SCMP_ERROR) {
            error = seccomp_rule_add(ctx, action, nr, 0);
        }
    }
    return error;
}

/* Allows call 'nr' with any of the 'n' values as argument number 'arg'. */
static int
add_values(scmp_filter_ctx ctx, int nr, unsigned int arg,
           const unsigned int values[], size_t n)
{
    int error = 0;

    for (size_t i = 0; i < n && !error; i++) {
        error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 1,
                                 SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, UINT32_MAX,
                                          values[i]));
    }
    return error;
}

/* Allows call 'nr' if argument number 'arg' has, of the bits in 'mask', those
 * in 'value'. */
static int
add_masked(scmp_filter_ctx ctx, int nr, unsigned int arg, uint64_t mask,
           uint64_t value)
{
    return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 1,
                            SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value));
}

/* Adds the calls that depend on their arguments: memory that is not to be
 * executed; threads, but no processes; signals to ourselves; our own limits,
 * to look at. */
static int
add_special(scmp_filter_ctx ctx)
{
    int error = add_masked(ctx, SCMP_SYS(mmap), 2, PROT_EXEC, 0);

    error = error ? error : add_masked(ctx, SCMP_SYS(mmap2), 2, PROT_EXEC, 0);
    error = error ? error : add_masked(ctx, SCMP_SYS(mprotect), 2, PROT_EXEC,
                                       0);
    error = error ? error : add_masked(ctx, SCMP_SYS(tgkill), 0, UINT32_MAX,
                                       getpid());
    error = error ? error : add_masked(ctx, SCMP_SYS(prlimit64), 2, UINT64_MAX,
                                       0);
    error = error ? error : add_values(ctx, SCMP_SYS(ioctl), 1, ioctls,
                                       REC_ARRAY_SIZE(ioctls));
    if (!SYSCALL_FILTER_IS_LOOSE) {
        error = error ? error : add_masked(ctx, SCMP_SYS(clone), CLONE_FLAGS,
                                           THREAD_FLAGS, THREAD_FLAGS);
        error = error ? error : add_values(ctx, SCMP_SYS(prctl), 0, prctls,
                                           REC_ARRAY_SIZE(prctls));
    }
    return error;
}

/* Sets how the filter is to be installed.  Older kernels do not know all of
 * this, and can do without. */
static void
set_attributes(scmp_filter_ctx ctx)
{
    seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    /* Threads of a preloaded library, too. */
    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
    /* No foreign code runs here that speculation could serve, and slowing it
     * down, as kernels before 5.16 otherwise do, costs frames. */
    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_SSB, 1);
    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
}

/* From now on this process, with all its threads, can only make the system
 * calls that recording needs.  Returns 0 or a positive errno value; nothing
 * has changed then. */
int
syscall_filter_install(void)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    int error;

    if (!ctx) {
        return ENOMEM;
    }
    set_attributes(ctx);
    error = add_calls(ctx, SCMP_ACT_ALLOW, allowed, REC_ARRAY_SIZE(allowed));
    error = error ? error : add_special(ctx);
    error = error ? error : add_calls(ctx, SCMP_ACT_ERRNO(EPERM), refused,
                                      REC_ARRAY_SIZE(refused));
    error = error ? error : add_calls(ctx, SCMP_ACT_KILL_PROCESS, fatal,
                                      REC_ARRAY_SIZE(fatal));
    error = error ? error : seccomp_load(ctx);
    seccomp_release(ctx);
    return error < 0 ? -error : 0;
}
