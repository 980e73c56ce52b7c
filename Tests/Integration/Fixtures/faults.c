// Loaded into a service with LD_PRELOAD: makes its disk fail and sets its wall clock, as the file that ASSAY_FAULTS names says. That file is
// mapped, so that a test arms a fault by writing to it, and sees there how many happened.
//
// It also keeps what a disk would have if the power failed now, in the folder `kept`: a write gets there when a later sync of its file
// succeeds. What a sync that failed was to write never does, since the kernel takes it for written from then on.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { kind_write = 1, kind_sync = 2, kind_open = 4, kind_name = 8, kind_truncate = 16, kind_read = 32 };

struct control {
  _Atomic int64_t clock_ms;
  _Atomic int32_t kinds, permille, left, number, hits, short_permille;
  _Atomic uint64_t draws;
  uint64_t seed;
  // Files whose path has both texts fail.
  char folder[512], part[64];
  char kept[512];
};

static struct control *control;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("ASSAY_FAULTS");
  // Whatever the service starts is left alone.
  unsetenv("LD_PRELOAD");
  if (path == NULL) return;
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (file < 0) abort();
  void *memory = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) abort();
  close(file);
  control = memory;
}

// MARK: Faults

static uint64_t draw(void) {
  uint64_t mixed = control->seed + (atomic_fetch_add(&control->draws, 1) + 1) * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return (mixed ^ (mixed >> 31)) % 1000;
}

static int concerns(const char *path) {
  return control->folder[0] != 0 && strstr(path, control->folder) != NULL && strstr(path, control->part) != NULL;
}

static int fails(int kind, const char *path) {
  if (control == NULL || (control->kinds & kind) == 0 || !concerns(path)) return 0;
  if (draw() >= (uint64_t)control->permille) return 0;
  int32_t left = control->left;
  do {
    if (left <= 0) return 0;
  } while (!atomic_compare_exchange_weak(&control->left, &left, left - 1));
  control->hits++;
  errno = control->number;
  return 1;
}

// The file of a descriptor; empty for what is no file, and where nobody wants to know.
static char *name(int descriptor, char path[4096]) {
  char link[64];
  path[0] = 0;
  if (control == NULL || (control->kinds == 0 && control->kept[0] == 0)) return path;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  long count = syscall(SYS_readlinkat, AT_FDCWD, link, path, 4095);
  path[count < 0 ? 0 : count] = 0;
  if (path[0] != '/') path[0] = 0;
  return path;
}

static int fails_at(int kind, int descriptor) {
  char path[4096];
  return fails(kind, name(descriptor, path));
}

// MARK: What is on disk

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int keeps(const char *path) {
  return control != NULL && control->kept[0] != 0 && control->folder[0] != 0 && strstr(path, control->folder) != NULL;
}

static void kept(const char *path, const char *suffix, char place[4096]) {
  const char *inside = strstr(path, control->folder) + strlen(control->folder);
  int count = snprintf(place, 4096, "%s/%s%s", control->kept, inside + (*inside == '/'), suffix);
  for (char *at = place + strlen(control->kept) + 1; at < place + count; at++) {
    if (*at == '/') *at = '%';
  }
}

static void note(int descriptor, int64_t offset, int64_t count) {
  char path[4096], place[4096];
  if (!keeps(name(descriptor, path))) return;
  kept(path, ".dirty", place);
  pthread_mutex_lock(&lock);
  int file = (int)syscall(SYS_openat, AT_FDCWD, place, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int64_t range[2] = {offset, count};
  if (file < 0 || syscall(SYS_write, file, range, sizeof range) != sizeof range) abort();
  close(file);
  pthread_mutex_unlock(&lock);
}

static void settle(int descriptor, int isKept) {
  char path[4096], place[4096], whole[4096];
  if (!keeps(name(descriptor, path))) return;
  kept(path, ".dirty", place);
  kept(path, "", whole);
  pthread_mutex_lock(&lock);
  int saved = errno;
  int dirty = (int)syscall(SYS_openat, AT_FDCWD, place, O_RDONLY | O_CLOEXEC, 0);
  if (dirty >= 0 && isKept) {
    int source = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    int target = (int)syscall(SYS_openat, AT_FDCWD, whole, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int64_t range[2];
    while (source >= 0 && target >= 0 && syscall(SYS_read, dirty, range, sizeof range) == sizeof range) {
      char *bytes = malloc((size_t)range[1]);
      long count = syscall(SYS_pread64, source, bytes, range[1], range[0]);
      if (count > 0 && syscall(SYS_pwrite64, target, bytes, count, range[0]) != count) abort();
      free(bytes);
    }
    if (source >= 0) close(source);
    if (target >= 0) close(target);
  }
  if (dirty >= 0) {
    close(dirty);
    syscall(SYS_unlinkat, AT_FDCWD, place, 0);
  }
  errno = saved;
  pthread_mutex_unlock(&lock);
}

// MARK: Calls

static ssize_t put(int descriptor, const void *bytes, size_t count, int64_t offset) {
  if (fails_at(kind_write, descriptor)) return -1;
  char path[4096];
  if (count > 1 && control != NULL && control->short_permille > 0 && concerns(name(descriptor, path)) && path[0] != 0 &&
      control->left > 0 && draw() < (uint64_t)control->short_permille) {
    count /= 2;
  }
  int64_t start = offset;
  if (offset < 0 && control != NULL && control->kept[0] != 0) start = lseek(descriptor, 0, SEEK_CUR);
  long written = offset < 0 ? syscall(SYS_write, descriptor, bytes, count)
                            : syscall(SYS_pwrite64, descriptor, bytes, count, offset);
  if (written > 0 && start >= 0) note(descriptor, start, written);
  return written;
}

ssize_t write(int descriptor, const void *bytes, size_t count) { return put(descriptor, bytes, count, -1); }
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return put(descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  return put(descriptor, bytes, count, offset);
}

ssize_t read(int descriptor, void *bytes, size_t count) {
  if (fails_at(kind_read, descriptor)) return -1;
  return syscall(SYS_read, descriptor, bytes, count);
}
ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
  if (fails_at(kind_read, descriptor)) return -1;
  return syscall(SYS_pread64, descriptor, bytes, count, offset);
}
ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t offset) {
  return pread(descriptor, bytes, count, offset);
}

static int synced(int descriptor, long number) {
  int failed = fails_at(kind_sync, descriptor);
  int result = failed ? -1 : (int)syscall(number, descriptor);
  settle(descriptor, result == 0);
  return result;
}
int fsync(int descriptor) { return synced(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return synced(descriptor, SYS_fdatasync); }

int ftruncate(int descriptor, off_t size) {
  char path[4096], place[4096];
  if (fails_at(kind_truncate, descriptor)) return -1;
  int result = (int)syscall(SYS_ftruncate, descriptor, size);
  if (result == 0 && keeps(name(descriptor, path))) {
    kept(path, "", place);
    if (truncate(place, size) != 0 && errno != ENOENT) abort();
  }
  return result;
}
int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }

static int opened(const char *path, int flags, mode_t mode) {
  if (control != NULL && control->kinds != 0 && fails(kind_open, path)) return -1;
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened(path, flags, mode);
}

int rename(const char *from, const char *to) {
  if (fails(kind_name, to)) return -1;
  int result = renameat(AT_FDCWD, from, AT_FDCWD, to);
  if (result == 0 && keeps(to)) {
    char old[4096], new[4096];
    for (int dirty = 0; dirty < 2; dirty++) {
      kept(from, dirty ? ".dirty" : "", old);
      kept(to, dirty ? ".dirty" : "", new);
      renameat(AT_FDCWD, old, AT_FDCWD, new);
    }
  }
  return result;
}

int unlink(const char *path) {
  int result = unlinkat(AT_FDCWD, path, 0);
  if (result == 0 && keeps(path)) {
    char place[4096];
    for (int dirty = 0; dirty < 2; dirty++) {
      kept(path, dirty ? ".dirty" : "", place);
      unlinkat(AT_FDCWD, place, 0);
    }
  }
  return result;
}

// MARK: The wall clock

static int is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

static void move(struct timespec *time, int64_t milliseconds) {
  int64_t nanoseconds = time->tv_nsec + milliseconds % 1000 * 1000000;
  time->tv_sec += milliseconds / 1000 + nanoseconds / 1000000000;
  nanoseconds %= 1000000000;
  if (nanoseconds < 0) {
    nanoseconds += 1000000000;
    time->tv_sec -= 1;
  }
  time->tv_nsec = nanoseconds;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && is_wall(clock) && control != NULL) move(time, control->clock_ms);
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != NULL) *result = now.tv_sec;
  return now.tv_sec;
}

// The kernel wakes at times of its own clock: a wait for a time of the moved one is done in short ones, so that it ends when that comes, as it
// would if the kernel's clock were set.
int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
  static int (*original)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  if (original == NULL) {
    *(void **)&original = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (original == NULL) *(void **)&original = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  }
  // The second bit: whether it waits for times that nobody can set.
  if (control == NULL || (condition->__data.__wrefs & 2) != 0) return original(condition, mutex, until);
  while (1) {
    struct timespec now, next;
    clock_gettime(CLOCK_REALTIME, &now);
    int isDue = now.tv_sec > until->tv_sec || (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec);
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &next);
    int64_t left = (until->tv_sec - now.tv_sec) * 1000 + (until->tv_nsec - now.tv_nsec) / 1000000 + 1;
    move(&next, isDue ? 0 : left < 20 ? left : 20);
    int result = original(condition, mutex, &next);
    if (result != ETIMEDOUT || isDue) return result;
  }
}
