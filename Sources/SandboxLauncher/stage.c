// What the job will see, gathered in a mount namespace of the launcher's own.
#define _GNU_SOURCE
#include "launcher.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t kPrivateBytes = 2ull << 30;

static void write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) infrastructure("cannot write %s: %s", path, strerror(errno));
  close(fd);
}

static void make_folder(const char *path, mode_t mode) {
  if (mkdir(path, mode) != 0) infrastructure("cannot make %s: %s", path, strerror(errno));
}

static void give(const job *job, const char *path) {
  if (job->uid != 0 && chown(path, job->uid, job->uid) != 0) infrastructure("cannot chown %s: %s", path, strerror(errno));
}

static void mount_memory(const char *path, uint64_t bytes, const char *mode) {
  char options[128];
  uint64_t nodes = bytes / 4096 < 4096 ? 4096 : bytes / 4096 > 200000 ? 200000 : bytes / 4096;
  snprintf(options, sizeof options, "size=%llu,nr_inodes=%llu,mode=%s", (unsigned long long)bytes, (unsigned long long)nodes, mode);
  if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) != 0)
    infrastructure("cannot mount %llu bytes of memory at %s: %s", (unsigned long long)bytes, path, strerror(errno));
}

static void copy_file(const job *job, int from, const char *to) {
  int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
  if (fd < 0) infrastructure("cannot copy to %s: %s", to, strerror(errno));
  char buffer[1 << 16];
  for (ssize_t count; (count = read(from, buffer, sizeof buffer)) != 0;)
    if (count < 0 || write(fd, buffer, (size_t)count) != count) infrastructure("cannot copy to %s: %s", to, strerror(errno));
  close(fd);
  give(job, to);
}

// Copies plain files and folders; anything else in evaluator-owned data is a mistake of ours.
static void copy_tree(const job *job, int folder, const char *to, int depth) {
  if (depth > 16) infrastructure("%s nests too deep", to);
  DIR *list = fdopendir(folder);
  if (list == NULL) infrastructure("cannot list the source of %s: %s", to, strerror(errno));
  for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", to, entry->d_name) >= (int)sizeof path) infrastructure("a path below %s is too long", to);
    int fd = openat(dirfd(list), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) infrastructure("cannot read %s: %s", entry->d_name, strerror(errno));
    if (S_ISDIR(status.st_mode)) {
      make_folder(path, 0700);
      copy_tree(job, fd, path, depth + 1);
      give(job, path);
    } else if (S_ISREG(status.st_mode)) {
      copy_file(job, fd, path);
      close(fd);
    } else {
      infrastructure("%s is neither a file nor a folder", entry->d_name);
    }
  }
  closedir(list);
}

// Gives a folder and what is in it to the job's user. Links are given themselves, never what they point at.
static void give_tree(const job *job, int folder, int depth) {
  if (job->uid == 0) {
    close(folder);
    return;
  }
  if (depth > 16) infrastructure("a writable folder nests too deep");
  if (fchown(folder, job->uid, job->uid) != 0) infrastructure("cannot give a writable folder away: %s", strerror(errno));
  DIR *list = fdopendir(folder);
  if (list == NULL) infrastructure("cannot list a writable folder: %s", strerror(errno));
  for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    int fd = openat(dirfd(list), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) give_tree(job, fd, depth + 1);
    else if (fchownat(dirfd(list), entry->d_name, job->uid, job->uid, AT_SYMLINK_NOFOLLOW) != 0)
      infrastructure("cannot give %s away: %s", entry->d_name, strerror(errno));
  }
  closedir(list);
}

static void own_namespace(void) {
  uid_t uid = geteuid();
  gid_t gid = getegid();
  if (unshare(uid == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0)
    infrastructure("no mount namespace: %s. Allow user namespaces, or run as root.", strerror(errno));
  if (uid != 0) {
    char map[64];
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1", uid, uid);
    write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "%u %u 1", gid, gid);
    write_file("/proc/self/gid_map", map);
  }
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) infrastructure("cannot make mounts private: %s", strerror(errno));
}

void stage(const job *job, staging *staged) {
  char *root = staged->root;
  strcpy(root, "/tmp/.assay-sandbox-XXXXXX");
  if (mkdtemp(root) == NULL) infrastructure("cannot make a staging folder in /tmp: %s", strerror(errno));
  own_namespace();
  if (mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=755") != 0)
    infrastructure("cannot stage mounts: %s", strerror(errno));
  // Opened once and used through the descriptor: what was looked at is what is mounted.
  int sources[kMaxMounts];
  for (int i = 0; i < job->mount_count; i++) {
    sources[i] = open(job->mounts[i].source, O_PATH | O_CLOEXEC);
    if (sources[i] < 0) infrastructure("cannot open %s: %s", job->mounts[i].source, strerror(errno));
  }
  for (int i = 0; i < job->mount_count; i++) {
    char magic[64], *path = staged->mounts[i];
    snprintf(magic, sizeof magic, "/proc/self/fd/%d", sources[i]);
    snprintf(path, sizeof staged->mounts[i], "%s/m%d", root, i);
    struct stat status;
    if (fstat(sources[i], &status) != 0) infrastructure("cannot stat %s: %s", job->mounts[i].source, strerror(errno));
    if (job->mounts[i].is_private) {
      make_folder(path, 0700);
      mount_memory(path, kPrivateBytes, "700");
      int folder = open(magic, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (folder < 0) infrastructure("%s is no folder: %s", job->mounts[i].source, strerror(errno));
      copy_tree(job, folder, path, 0);
      give(job, path);
    } else {
      if (job->mounts[i].is_writable) {
        int folder = open(magic, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0) infrastructure("%s is no folder: %s", job->mounts[i].source, strerror(errno));
        give_tree(job, folder, 0);
      }
      if (S_ISDIR(status.st_mode)) {
        make_folder(path, 0755);
      } else {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0) infrastructure("cannot make %s: %s", path, strerror(errno));
        close(fd);
      }
      if (mount(magic, path, NULL, MS_BIND, NULL) != 0) infrastructure("cannot bind %s: %s", job->mounts[i].source, strerror(errno));
    }
    close(sources[i]);
  }
  snprintf(staged->out, sizeof staged->out, "%s/out", root);
  snprintf(staged->work, sizeof staged->work, "%s/work", root);
  make_folder(staged->out, 0755);
  make_folder(staged->work, 0755);
  uint64_t bytes = job->disk_bytes == 0 ? 256ull << 20 : job->disk_bytes;
  mount_memory(staged->out, bytes, "700");
  mount_memory(staged->work, bytes, "700");
  give(job, staged->out);
  give(job, staged->work);
}

void unstage(const staging *staged) {
  if (staged->root[0] == 0) return;
  umount2(staged->root, MNT_DETACH);
  rmdir(staged->root);
}
