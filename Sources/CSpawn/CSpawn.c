#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

int assay_pipe(int *ends) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno; }

int assay_memory_file(void) { return memfd_create("assay-input", MFD_CLOEXEC); }

int assay_spawn(
    pid_t *pid, const char *path, char *const *argv, char *const *envp, const char *folder,
    const int *descriptors) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int failure = posix_spawn_file_actions_init(&actions);
  if (failure != 0) return failure;
  failure = posix_spawnattr_init(&attributes);
  if (failure != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return failure;
  }
  int copies[3] = {-1, -1, -1};
  for (int i = 0; i < 3 && failure == 0; i++) {
    if (descriptors[i] < 0) {
      failure = posix_spawn_file_actions_addopen(&actions, i, "/dev/null", i == 0 ? O_RDONLY : O_WRONLY, 0);
      continue;
    }
    // Copies above the three: a process that was started without some of them may have got their numbers for its own files.
    copies[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, 3);
    failure = copies[i] < 0 ? errno : posix_spawn_file_actions_adddup2(&actions, copies[i], i);
  }
  if (failure == 0) failure = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  if (failure == 0 && folder != NULL) failure = posix_spawn_file_actions_addchdir_np(&actions, folder);
  if (failure == 0) {
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    failure = posix_spawn(pid, path, &actions, &attributes, argv, envp);
  }
  for (int i = 0; i < 3; i++) {
    if (copies[i] >= 0) close(copies[i]);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failure;
}
