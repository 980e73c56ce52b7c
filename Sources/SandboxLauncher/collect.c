// Takes outputs out of a dead job's folder. Nothing in it is trusted: names may be links, pipes, or a terabyte of holes.
#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_beneath(int folder, const char *path) {
  struct open_how how = {
      .flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
  };
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

static void copy_out(int from, const output_entry *output, uint64_t size, int report) {
  int to = open(output->destination, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (to < 0) infrastructure("cannot write %s: %s", output->destination, strerror(errno));
  static char buffer[1 << 16];
  uint64_t copied = 0;
  while (copied < size) {
    ssize_t count = read(from, buffer, size - copied < sizeof buffer ? size - copied : sizeof buffer);
    if (count <= 0) infrastructure("cannot read an output: %s", strerror(errno));
    for (ssize_t done = 0; done < count;) {
      ssize_t written = write(to, buffer + done, (size_t)(count - done));
      if (written < 0) infrastructure("cannot write %s: %s", output->destination, strerror(errno));
      done += written;
    }
    copied += (uint64_t)count;
  }
  if (fsync(to) != 0) infrastructure("cannot write %s: %s", output->destination, strerror(errno));
  close(to);
  dprintf(report, "output present %llu\n", (unsigned long long)size);
}

void collect(const job *job, const staging *staged, int report) {
  int folder = open(staged->out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) infrastructure("cannot open the job's outputs: %s", strerror(errno));
  for (int i = 0; i < job->output_count; i++) {
    const output_entry *output = &job->outputs[i];
    int fd = open_beneath(folder, output->path);
    struct stat status;
    if (fd < 0) {
      dprintf(report, errno == ENOENT || errno == ENOTDIR ? "output missing 0\n" : "output not-a-file 0\n");
    } else if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1) {
      dprintf(report, "output not-a-file 0\n");
    } else if ((uint64_t)status.st_size > output->max_bytes) {
      dprintf(report, "output too-large %llu\n", (unsigned long long)status.st_size);
    } else {
      copy_out(fd, output, (uint64_t)status.st_size, report);
    }
    if (fd >= 0) close(fd);
  }
  close(folder);
}
