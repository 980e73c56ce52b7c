// assay-sandbox: runs one untrusted command and reports what it did, measured from outside.
//
// The report goes to --status-fd, a line a fact:
//   outcome exited CODE | signalled N | wall | cpu | memory | processes | disk | output | infrastructure TEXT
//   wall-ns N, cpu-ns N, memory N, then for each --output: output present|missing|too-large|not-a-file SIZE
#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int report_fd = 2;
static pid_t launcher_pid, child_pid;
static const staging *staged_now;
static const job *job_now;

static void kill_all(void);

void infrastructure(const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  for (char *c = text; *c; c++)
    if (*c == '\n') *c = ' ';
  dprintf(report_fd, "outcome infrastructure %s\n", text);
  if (getpid() == launcher_pid) {
    kill_all();
    if (staged_now != NULL) unstage(staged_now);
  }
  _exit(3);
}

uint64_t read_number(const char *path) {
  if (path == NULL) return 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[64] = {0};
  ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  return count > 0 ? strtoull(text, NULL, 10) : 0;
}

uint64_t read_keyed(const char *path, const char *key) {
  if (path == NULL) return 0;
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  char line[256];
  uint64_t value = 0;
  size_t length = strlen(key);
  while (fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, key, length) == 0 && line[length] == ' ') value = strtoull(line + length, NULL, 10);
  fclose(file);
  return value;
}

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// CPU time of the whole tree so far; where no cgroup counts it, of what was seen of it.
static uint64_t cpu_ns(const job *job) {
  if (job->cpu_file == NULL) return processes_ns(child_pid);
  const char *name = strrchr(job->cpu_file, '/');
  if (name != NULL && strcmp(name, "/cpu.stat") == 0) return read_keyed(job->cpu_file, "usage_usec") * 1000;
  return read_number(job->cpu_file);
}

static int cgroup_empty(const job *job) {
  for (int i = 0; i < job->cgroup_count; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/cgroup.procs", job->cgroups[i]);
    FILE *file = fopen(path, "re");
    if (file == NULL) continue;
    long pid;
    int found = 0;
    while (fscanf(file, "%ld", &pid) == 1) {
      found = 1;
      if (pid > 1 && pid != launcher_pid) kill((pid_t)pid, SIGKILL);
    }
    fclose(file);
    if (found) return 0;
  }
  return 1;
}

// Kills everything the job started. Killing bubblewrap ends the pid namespace; cgroups catch what could ever escape it.
static void kill_all(void) {
  if (child_pid > 0) kill(child_pid, SIGKILL);
  if (job_now == NULL) return;
  if (job_now->kill_file != NULL) {
    int fd = open(job_now->kill_file, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
      if (write(fd, "1", 1) < 0) { /* the loop below does it */
      }
      close(fd);
    }
  }
  for (int tries = 0; tries < 2000 && !cgroup_empty(job_now); tries++) {
    struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
    if (child_pid > 0 && waitpid(child_pid, NULL, WNOHANG) == child_pid) child_pid = 0;
  }
}

// Set by a request to stop; the main loop sees it within one turn, whenever it came.
static volatile sig_atomic_t stop_requested;

static void on_stop(int number) {
  (void)number;
  stop_requested = 1;
}

static void limit(int resource, uint64_t value) {
  struct rlimit bound;
  if (getrlimit(resource, &bound) != 0) return;
  if (bound.rlim_max == RLIM_INFINITY || value < bound.rlim_max) bound.rlim_max = value;
  bound.rlim_cur = bound.rlim_max;
  if (setrlimit(resource, &bound) != 0) infrastructure("cannot set limit %d: %s", resource, strerror(errno));
}

static void join_cgroups(const job *job) {
  char pid[32];
  snprintf(pid, sizeof pid, "%ld", (long)getpid());
  for (int i = 0; i < job->cgroup_count; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/cgroup.procs", job->cgroups[i]);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, pid, strlen(pid)) < 0) infrastructure("cannot join %s: %s", path, strerror(errno));
    close(fd);
  }
}

typedef struct {
  const char *items[1024];
  int count;
} arguments;

static void add(arguments *list, const char *item) {
  if (list->count >= 1022) infrastructure("too many arguments");
  list->items[list->count++] = item;
  list->items[list->count] = NULL;
}
#define ADD(list, ...)                                                                                                 \
  do {                                                                                                                 \
    const char *items_[] = {__VA_ARGS__};                                                                              \
    for (size_t i_ = 0; i_ < sizeof items_ / sizeof *items_; i_++) add(list, items_[i_]);                              \
  } while (0)

static void become_job(const job *job, const staging *staged, int input, int output, int status, int filter) {
  static arguments list;
  static char status_text[16], filter_text[16], shared_text[32];
  join_cgroups(job);
  if (job->core_count > 0) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    for (int i = 0; i < job->core_count; i++) CPU_SET((unsigned)job->cores[i], &cores);
    if (sched_setaffinity(0, sizeof cores, &cores) != 0) infrastructure("cannot pin to cores: %s", strerror(errno));
  }
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 4096);
  if (job->file_bytes > 0) limit(RLIMIT_FSIZE, job->file_bytes);
  if (job->cpu_ms > 0) limit(RLIMIT_CPU, job->cpu_ms / 1000 + 5);
  if (job->uid != 0) {
    if (job->processes > 0) limit(RLIMIT_NPROC, job->processes + 4);
    if (setgroups(0, NULL) != 0 || setresgid(job->uid, job->uid, job->uid) != 0 || setresuid(job->uid, job->uid, job->uid) != 0)
      infrastructure("cannot become user %u: %s", job->uid, strerror(errno));
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) infrastructure("no_new_privs: %s", strerror(errno));

  snprintf(status_text, sizeof status_text, "%d", status);
  snprintf(filter_text, sizeof filter_text, "%d", filter);
  snprintf(shared_text, sizeof shared_text, "%llu", (unsigned long long)(job->disk_bytes ? job->disk_bytes : 256ull << 20));
  if (job->network) ADD(&list, job->bubblewrap);
  else ADD(&list, job->bubblewrap, "--unshare-net");
  ADD(&list, "--unshare-user", "--disable-userns", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "trial", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
      "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/work", "--setenv", "TMPDIR", "/tmp", "--setenv",
      "LANG", "C.UTF-8", "--setenv", "USER", "trial", "--setenv", "LOGNAME", "trial");
  for (int i = 0; i < job->variable_count; i++) ADD(&list, "--setenv", job->variables[i].name, job->variables[i].value);
  ADD(&list, "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin", "/sbin", "--symlink", "usr/lib",
      "/lib", "--symlink", "usr/lib64", "/lib64", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--ro-bind-try",
      "/etc/alternatives", "/etc/alternatives", "--proc", "/proc", "--dev", "/dev", "--size", shared_text, "--tmpfs", "/dev/shm",
      "--size", shared_text, "--tmpfs", "/tmp", "--bind", staged->out, "/out", "--bind", staged->work, "/work");
  if (job->network) {
    // What it takes to find a host by name and to check its certificate.
    static const char *const kFiles[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl", "/etc/ca-certificates"};
    for (size_t i = 0; i < sizeof kFiles / sizeof *kFiles; i++) ADD(&list, "--ro-bind-try", kFiles[i], kFiles[i]);
  }
  // After the empty /dev, and before mounts: what is mounted may use them.
  for (int i = 0; i < job->device_count; i++) ADD(&list, "--dev-bind", job->devices[i].source, job->devices[i].destination);
  for (int i = 0; i < job->mount_count; i++)
    ADD(&list, job->mounts[i].is_writable ? "--bind" : "--ro-bind", staged->mounts[i], job->mounts[i].destination);
  ADD(&list, "--chdir", "/work", "--remount-ro", "/", "--seccomp", filter_text, "--json-status-fd", status_text, "--");
  for (char **word = job->command; *word != NULL; word++) add(&list, *word);

  if (input < 0) input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (input < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) infrastructure("dup2: %s", strerror(errno));
  execv(job->bubblewrap, (char *const *)list.items);
  infrastructure("cannot start %s: %s", job->bubblewrap, strerror(errno));
}

// What the job printed: its beginning and its end.
typedef struct {
  char head[32768], tail[98304];
  size_t head_size, tail_at;
  uint64_t total;
} capture;

static void take(capture *capture, const char *bytes, size_t count) {
  capture->total += count;
  size_t first = sizeof capture->head - capture->head_size;
  if (first > count) first = count;
  memcpy(capture->head + capture->head_size, bytes, first);
  capture->head_size += first;
  for (size_t i = first; i < count; i++) capture->tail[capture->tail_at++ % sizeof capture->tail] = bytes[i];
}

static void save(const capture *capture, const char *path) {
  if (path == NULL) return;
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) infrastructure("cannot write %s: %s", path, strerror(errno));
  dprintf(fd, "%.*s", 0, "");
  if (write(fd, capture->head, capture->head_size) < 0) infrastructure("cannot write %s: %s", path, strerror(errno));
  size_t size = sizeof capture->tail, at = capture->tail_at;
  if (at > size) {
    dprintf(fd, "\n[... %llu bytes left out ...]\n", (unsigned long long)(at - size));
    if (write(fd, capture->tail + at % size, size - at % size) < 0 || write(fd, capture->tail, at % size) < 0)
      infrastructure("cannot write %s: %s", path, strerror(errno));
  } else if (write(fd, capture->tail, at) < 0) {
    infrastructure("cannot write %s: %s", path, strerror(errno));
  }
  close(fd);
}

static int full(const char *path) {
  struct statvfs status;
  return statvfs(path, &status) == 0 && (status.f_bavail == 0 || status.f_ffree == 0);
}

static uint64_t used_ns(const struct rusage *usage) {
  return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000000u +
         (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1000u;
}

static void supervise(const job *job, const staging *staged, revealer *reveal, int output, int status, uint64_t began) {
  static capture captured;
  char records[4096] = {0}, buffer[1 << 16];
  size_t records_size = 0;
  const char *breach = NULL;
  struct rusage usage = {0};
  int state = 0, done = 0;
  struct pollfd polled[3] = {{output, POLLIN, 0}, {status, POLLIN, 0}, {-1, POLLIN, 0}};
  while (!done) {
    polled[2].fd = reveal->socket;
    polled[2].events = reveal_events(reveal);
    poll(polled, 3, 20);
    reveal_turn(reveal, now_ns() / 1000000u);
    if (reveal->excess && child_pid > 0) kill(child_pid, SIGKILL);
    for (int i = 0; i < 2; i++) {
      if (polled[i].fd < 0 || !(polled[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      ssize_t count = read(polled[i].fd, buffer, sizeof buffer);
      if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (count <= 0) {
        polled[i].fd = -1;
      } else if (i == 0) {
        take(&captured, buffer, (size_t)count);
      } else {
        size_t room = sizeof records - 1 - records_size, kept = (size_t)count < room ? (size_t)count : room;
        memcpy(records + records_size, buffer, kept);
        records_size += kept;
      }
    }
    if (stop_requested && child_pid > 0) kill(child_pid, SIGKILL);
    uint64_t used = cpu_ns(job);
    if (breach == NULL) {
      if (job->wall_ms > 0 && now_ns() - began > job->wall_ms * 1000000u) breach = "wall";
      else if (reveal_is_late(reveal, now_ns() / 1000000u)) breach = "wall";
      else if (job->cpu_ms > 0 && used > job->cpu_ms * 1000000u) breach = "cpu";
      else if (job->output_bytes > 0 && captured.total > job->output_bytes) breach = "output";
      if (breach != NULL && child_pid > 0) kill(child_pid, SIGKILL);
    }
    pid_t ended = child_pid > 0 ? wait4(child_pid, &state, WNOHANG, &usage) : -1;
    if (ended == child_pid) done = 1;
    if (ended < 0 && errno != EINTR) infrastructure("wait4: %s", strerror(errno));
  }
  uint64_t wall = now_ns() - began;
  child_pid = 0;
  kill_all(); // before anything of the job's is read
  uint64_t rusage_ns = used_ns(&usage);
  // What outlived bubblewrap came to us, its subreaper: wait until all of it is gone, and count its time.
  for (struct rusage rest; wait4(-1, NULL, 0, &rest) > 0;) rusage_ns += used_ns(&rest);
  for (int i = 0; i < 2; i++) {
    if (polled[i].fd < 0) continue;
    fcntl(polled[i].fd, F_SETFL, O_NONBLOCK);
    for (ssize_t count; (count = read(polled[i].fd, buffer, sizeof buffer)) > 0;) {
      if (i == 0) {
        take(&captured, buffer, (size_t)count);
      } else {
        size_t room = sizeof records - 1 - records_size, kept = (size_t)count < room ? (size_t)count : room;
        memcpy(records + records_size, buffer, kept);
        records_size += kept;
      }
    }
  }
  reveal_turn(reveal, 0); // what was said before everything ended
  uint64_t cpu = cpu_ns(job) > rusage_ns ? cpu_ns(job) : rusage_ns;
  uint64_t peak = read_number(job->peak_file);
  if (peak == 0) peak = (uint64_t)usage.ru_maxrss * 1024;
  save(&captured, job->log_file);

  int started = strstr(records, "\"child-pid\"") != NULL;
  char *code_at = strstr(records, "\"exit-code\"");
  int code = -1;
  // The job can reach the first process of its namespace, which tells this number: whatever it tells, the job had begun.
  if (code_at != NULL) code = atoi(code_at + strcspn(code_at, ":") + 1) & 0xff;
  if (breach == NULL && job->cpu_ms > 0 && cpu > job->cpu_ms * 1000000u) breach = "cpu";
  int failed = code != 0;
  if (breach == NULL && failed) {
    if (read_keyed(job->memory_file, "oom_kill") > 0) breach = "memory";
    else if (full(staged->out) || full(staged->work)) breach = "disk";
    else if (read_keyed(job->pids_file, "max") > 0) breach = "processes";
  }
  if (stop_requested) {
    dprintf(report_fd, "outcome signalled %d\n", SIGTERM);
  } else if (reveal->excess && started) {
    dprintf(report_fd, "outcome exited 0\n"); // ended by us: the record says why
  } else if (breach != NULL) {
    dprintf(report_fd, "outcome %s\n", breach);
  } else if (!started || (code < 0 && WIFEXITED(state))) {
    // bubblewrap itself failed: the job's program never ran.
    char text[512];
    size_t size = captured.head_size < sizeof text - 1 ? captured.head_size : sizeof text - 1;
    memcpy(text, captured.head, size);
    text[size] = 0;
    infrastructure("bubblewrap did not start the job: %s", text);
  } else if (code < 0) {
    dprintf(report_fd, "outcome signalled %d\n", WIFSIGNALED(state) ? WTERMSIG(state) : 0);
  } else if (code > 128) {
    dprintf(report_fd, "outcome signalled %d\n", code - 128);
  } else {
    dprintf(report_fd, "outcome exited %d\n", code);
  }
  dprintf(report_fd, "wall-ns %llu\ncpu-ns %llu\nmemory %llu\n", (unsigned long long)wall, (unsigned long long)cpu,
          (unsigned long long)peak);
  collect(job, staged, report_fd);
  reveal_report(job, reveal, report_fd);
}

static uint64_t number(const char *text) {
  char *end;
  errno = 0;
  uint64_t value = strtoull(text, &end, 10);
  if (errno != 0 || *end != 0 || end == text) infrastructure("'%s' is no number", text);
  return value;
}

static void parse(job *job, int count, char **words) {
  int at = 1;
#define NEXT() (at < count ? words[at++] : (infrastructure("option without a value"), (char *)NULL))
#define ROOM(used, most) \
  if ((used) >= (most)) infrastructure("too many of %s", word)
  while (at < count) {
    const char *word = words[at++];
    if (strcmp(word, "--") == 0) break;
    if (strcmp(word, "--status-fd") == 0) report_fd = job->status_fd = (int)number(NEXT());
    else if (strcmp(word, "--uid") == 0) job->uid = (uid_t)number(NEXT());
    else if (strcmp(word, "--wall-ms") == 0) job->wall_ms = number(NEXT());
    else if (strcmp(word, "--cpu-ms") == 0) job->cpu_ms = number(NEXT());
    else if (strcmp(word, "--disk") == 0) job->disk_bytes = number(NEXT());
    else if (strcmp(word, "--file") == 0) job->file_bytes = number(NEXT());
    else if (strcmp(word, "--output-bytes") == 0) job->output_bytes = number(NEXT());
    else if (strcmp(word, "--processes") == 0) job->processes = (uint32_t)number(NEXT());
    else if (strcmp(word, "--cpu-file") == 0) job->cpu_file = NEXT();
    else if (strcmp(word, "--kill-file") == 0) job->kill_file = NEXT();
    else if (strcmp(word, "--memory-file") == 0) job->memory_file = NEXT();
    else if (strcmp(word, "--peak-file") == 0) job->peak_file = NEXT();
    else if (strcmp(word, "--pids-file") == 0) job->pids_file = NEXT();
    else if (strcmp(word, "--bubblewrap") == 0) job->bubblewrap = NEXT();
    else if (strcmp(word, "--log") == 0) job->log_file = NEXT();
    else if (strcmp(word, "--core") == 0) {
      ROOM(job->core_count, kMaxCores);
      job->cores[job->core_count++] = (int)number(NEXT());
    } else if (strcmp(word, "--cgroup") == 0) {
      ROOM(job->cgroup_count, kMaxCgroups);
      job->cgroups[job->cgroup_count++] = NEXT();
    } else if (strcmp(word, "--reveal") == 0) {
      job->reveal_stream = NEXT();
      job->reveal_record = NEXT();
      job->reveal_bytes = number(NEXT());
    } else if (strcmp(word, "--network") == 0) {
      job->network = 1;
    } else if (strcmp(word, "--mount") == 0 || strcmp(word, "--private") == 0 || strcmp(word, "--writable") == 0) {
      ROOM(job->mount_count, kMaxMounts);
      mount_entry *entry = &job->mounts[job->mount_count++];
      entry->is_private = word[2] == 'p';
      entry->is_writable = word[2] == 'w';
      entry->source = NEXT();
      entry->destination = NEXT();
    } else if (strcmp(word, "--device") == 0) {
      ROOM(job->device_count, kMaxDevices);
      device_entry *entry = &job->devices[job->device_count++];
      entry->source = NEXT();
      entry->destination = NEXT();
      struct stat status;
      if (stat(entry->source, &status) != 0) infrastructure("no device %s: %s", entry->source, strerror(errno));
      // A disk is nothing that a job is given.
      if (!S_ISCHR(status.st_mode)) infrastructure("%s is no character device", entry->source);
    } else if (strcmp(word, "--env") == 0) {
      ROOM(job->variable_count, kMaxEnvironment);
      variable *entry = &job->variables[job->variable_count++];
      entry->name = NEXT();
      entry->value = NEXT();
    } else if (strcmp(word, "--output") == 0) {
      ROOM(job->output_count, kMaxOutputs);
      output_entry *entry = &job->outputs[job->output_count++];
      entry->path = NEXT();
      entry->max_bytes = number(NEXT());
      entry->destination = NEXT();
    } else {
      infrastructure("unknown option %s", word);
    }
  }
  job->command = words + at;
  if (at >= count) infrastructure("no command after --");
  if (job->bubblewrap == NULL) infrastructure("--bubblewrap is missing");
  if (geteuid() == 0 && job->uid == 0) infrastructure("refusing to run a job as root: give --uid");
}

int main(int count, char **words) {
  static job job;
  static staging staged;
  launcher_pid = getpid();
  close_range(4, ~0u, 0); // nothing of the caller's reaches a job
  parse(&job, count, words);
  job_now = &job;
  pid_t parent = getppid();
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent) infrastructure("the caller is gone");
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) infrastructure("subreaper: %s", strerror(errno));
  struct sigaction action = {.sa_handler = on_stop};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
  sigset_t stops; // the caller blocks it until there is somebody to hear it
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigprocmask(SIG_UNBLOCK, &stops, NULL);

  int filter = seccomp_filter_fd(job.network);
  staged_now = &staged;
  stage(&job, &staged);
  int output[2], status[2];
  if (pipe2(output, O_CLOEXEC) != 0 || pipe2(status, 0) != 0) infrastructure("pipe: %s", strerror(errno));
  fcntl(status[0], F_SETFD, FD_CLOEXEC);
  fcntl(report_fd, F_SETFD, FD_CLOEXEC);
  static revealer reveal;
  int input = reveal_open(&job, &reveal);
  uint64_t began = now_ns();
  child_pid = fork();
  if (child_pid < 0) infrastructure("fork: %s", strerror(errno));
  if (child_pid == 0) become_job(&job, &staged, input, output[1], status[1], filter);
  if (input >= 0) close(input);
  close(output[1]);
  close(status[1]);
  close(filter);
  supervise(&job, &staged, &reveal, output[0], status[0], began);
  unstage(&staged);
  return 0;
}
