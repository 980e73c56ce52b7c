// The launcher: starts one untrusted command in bubblewrap, watches it from outside, and reports what it did.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { kMaxMounts = 64, kMaxOutputs = 64, kMaxEnvironment = 128, kMaxCgroups = 8, kMaxCores = 64, kMaxDevices = 128 };

typedef struct {
  const char *source;
  const char *destination;
  int is_private; // copied for the job's user instead of bound: the source is unreadable for it
  int is_writable; // given to the job's user, and bound so that both sides see what is written
} mount_entry;

typedef struct {
  const char *source; // a character device
  const char *destination;
} device_entry;

typedef struct {
  const char *path; // below /out
  uint64_t max_bytes;
  const char *destination; // new file on the host
} output_entry;

typedef struct {
  const char *name;
  const char *value;
} variable;

typedef struct {
  int status_fd;
  uid_t uid; // 0: keep our own
  uint64_t wall_ms, cpu_ms, disk_bytes, output_bytes, file_bytes;
  uint32_t processes;
  int network; // share the host's network instead of an empty one
  int cores[kMaxCores], core_count;
  mount_entry mounts[kMaxMounts];
  int mount_count;
  device_entry devices[kMaxDevices];
  int device_count;
  output_entry outputs[kMaxOutputs];
  int output_count;
  variable variables[kMaxEnvironment];
  int variable_count;
  const char *cgroups[kMaxCgroups]; // folders to join
  int cgroup_count;
  const char *cpu_file;    // cpuacct.usage (ns) or cpu.stat
  const char *kill_file;   // cgroup.kill, or NULL
  const char *memory_file; // oom_control or memory.events
  const char *peak_file;   // memory.max_usage_in_bytes or memory.peak
  const char *pids_file;   // pids.events
  const char *bubblewrap;
  const char *log_file; // where captured output goes, a new file
  const char *reveal_stream; // handed in piece by piece, or NULL
  const char *reveal_record; // where its replies go, a new file
  uint64_t reveal_bytes;     // of all replies
  char **command;
} job;

// Ends the launcher as an infrastructure failure: nothing of it is the job's fault.
void infrastructure(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

int seccomp_filter_fd(int network);

// Private mount namespace with everything the job may see; call once, before the job is forked.
typedef struct {
  char root[40];
  char mounts[kMaxMounts][64];
  char out[64];
  char work[64];
} staging;
void stage(const job *job, staging *staged);
void unstage(const staging *staged);

// Copies a finished job's outputs to the host, a line of the report for each, in their order.
void collect(const job *job, const staging *staged, int report_fd);

// What is revealed to a job, and what it replied.
typedef struct {
  int socket, record;
  const unsigned char *stream;
  uint64_t size, at;    // at: the end of what was or is being revealed
  uint64_t left;        // bytes of the piece that were not taken yet
  uint64_t reply_left;  // bytes of the reply that did not come yet
  uint64_t recorded, reply_ms, deadline_ms;
  int complete, excess, deaf;
} revealer;

// The job's end of the conversation, or -1 where nothing is revealed.
int reveal_open(const job *job, revealer *reveal);
short reveal_events(const revealer *reveal);
// Goes on as far as it gets without waiting.
void reveal_turn(revealer *reveal, uint64_t now_ms);
int reveal_is_late(const revealer *reveal, uint64_t now_ms);
// The record as an output, after all others.
void reveal_report(const job *job, revealer *reveal, int report_fd);

// CPU time of all processes below one, those included that were seen in an earlier call; with 0, of what was seen.
uint64_t processes_ns(int first);

uint64_t read_number(const char *path);
uint64_t read_keyed(const char *path, const char *key);
