// System calls that a training recipe has no business making. Everything is denied with EPERM or ENOSYS, so that
// libraries that probe for a feature find it missing instead of being killed.
#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *const kDenied[] = {
    // kernel keyrings, tracing, other processes' memory
    "add_key", "keyctl", "request_key", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp",
    "pidfd_getfd", "perf_event_open", "bpf", "userfaultfd", "lookup_dcookie",
    // mounts and namespaces
    "mount", "umount", "umount2", "pivot_root", "chroot", "setns", "unshare", "open_tree", "move_mount", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "fanotify_init",
    // the machine
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module", "reboot",
    "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "nfsservctl", "vhangup", "syslog", "settimeofday",
    "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "iopl", "ioperm", "ioprio_set",
    "vm86", "vm86old", "modify_ldt", "uselib", "ustat", "sysfs", "_sysctl", "mbind", "migrate_pages", "move_pages",
    "set_mempolicy_home_node", "memfd_secret", "mknod",
};

static const char *const kMissing[] = {"io_uring_setup", "io_uring_enter", "io_uring_register", "clone3", "inotify_init", "inotify_init1"};

static void rule(scmp_filter_ctx filter, uint32_t action, const char *name) {
  int number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) return; // unknown to this libseccomp
  int result = seccomp_rule_add(filter, action, number, 0);
  if (result != 0 && result != -EINVAL && result != -EDOM) infrastructure("seccomp rule for %s: error %d", name, result);
}

static void check(int result, const char *what) {
  if (result != 0) infrastructure("seccomp %s: error %d", what, result);
}

static void on_command(scmp_filter_ctx filter, uint32_t error, int command) {
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), SCMP_SYS(fcntl), 1,
                         SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, (scmp_datum_t)command)),
        "fcntl");
}

int seccomp_filter_fd(int network) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == NULL) infrastructure("seccomp is not available");
  check(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "architecture");
  for (size_t i = 0; i < sizeof kDenied / sizeof *kDenied; i++) rule(filter, SCMP_ACT_ERRNO(EPERM), kDenied[i]);
  for (size_t i = 0; i < sizeof kMissing / sizeof *kMissing; i++) rule(filter, SCMP_ACT_ERRNO(ENOSYS), kMissing[i]);

  // personality: only the question which one is in force
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(personality), 1, SCMP_A0(SCMP_CMP_NE, 0xffffffff)),
        "personality");
  // clone: threads and processes, no namespaces
  const int kNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                          CLONE_NEWCGROUP;
  for (int bit = 0; bit < 31; bit++) {
    if (!(kNamespaces & (1 << bit))) continue;
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                           SCMP_A0(SCMP_CMP_MASKED_EQ, 1u << bit, 1u << bit)),
          "clone");
  }
  // sockets: pipes between own processes, and loopback of the private network namespace; with a network also IPv6. Of netlink the
  // questions which interfaces there are, which every library asks whose processes meet over a network: nothing can be changed without
  // capabilities.
  for (unsigned family = 0; family < AF_NETLINK; family++) {
    if (family == AF_UNIX || family == AF_INET || (network && family == AF_INET6)) continue;
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, family)), "socket");
  }
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 2, SCMP_A0(SCMP_CMP_EQ, AF_NETLINK),
                         SCMP_A2(SCMP_CMP_NE, NETLINK_ROUTE)),
        "socket");
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GT, AF_NETLINK)), "socket");
  // What a file of the host tells of those who use it in another sandbox, where /usr, data and devices are the same files: locks, who
  // opens it, what of it is in memory, a device's times. A lock is granted and not taken, a time is not set, advice is not followed.
  const int kLocks[] = {F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW};
  for (size_t i = 0; i < sizeof kLocks / sizeof *kLocks; i++) on_command(filter, 0, kLocks[i]);
  const int kQuestions[] = {F_GETLK, F_OFD_GETLK, F_SETLEASE, F_GETLEASE, F_NOTIFY};
  for (size_t i = 0; i < sizeof kQuestions / sizeof *kQuestions; i++) on_command(filter, EINVAL, kQuestions[i]);
  static const char *const kWithoutEffect[] = {"flock", "utime", "utimes", "futimesat", "utimensat"};
  for (size_t i = 0; i < sizeof kWithoutEffect / sizeof *kWithoutEffect; i++) rule(filter, SCMP_ACT_ERRNO(0), kWithoutEffect[i]);
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(0), SCMP_SYS(fadvise64), 1, SCMP_A3(SCMP_CMP_MASKED_EQ, 0xffffffff, POSIX_FADV_DONTNEED)),
        "fadvise64");
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EOPNOTSUPP), SCMP_SYS(preadv2), 1, SCMP_A5(SCMP_CMP_MASKED_EQ, RWF_NOWAIT, RWF_NOWAIT)),
        "preadv2");
  // typing into somebody's terminal
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, 0x5412)),
        "TIOCSTI");
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, 0x541c)),
        "TIOCLINUX");
  // device files
  for (unsigned kind = 0x2000; kind <= 0x6000; kind += 0x4000)
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mknodat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, 0xf000, kind)),
          "mknodat");

  int fd = memfd_create("seccomp", 0);
  if (fd < 0) infrastructure("memfd_create failed: errno %d", errno);
  check(seccomp_export_bpf(filter, fd), "export");
  if (lseek(fd, 0, SEEK_SET) != 0) infrastructure("lseek failed: errno %d", errno);
  seccomp_release(filter);
  return fd;
}
