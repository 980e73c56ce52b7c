// CPU time of a job where no control group counts it. A parent that ignores its children's end has the kernel forget what they used, so
// that waiting for everything is not enough: they are looked at while they live.
#define _GNU_SOURCE
#include "launcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <unistd.h>

enum { kMaxSeen = 65536, kMaxDepth = 256 };

typedef struct {
  int pid;
  unsigned look;
  unsigned long long began;
  uint64_t ns;
} seen_process;

// Those that live, and the sum of those that are gone: however many a job starts one after the other, none is forgotten.
static seen_process *seen;
static int seen_count;
static uint64_t gone_ns;
static unsigned looks;

static void note(int pid, unsigned long long began, uint64_t ns) {
  for (int i = seen_count - 1; i >= 0; i--) {
    if (seen[i].pid != pid || seen[i].began != began) continue;
    seen[i].ns = ns;
    seen[i].look = looks;
    return;
  }
  if (seen_count < kMaxSeen) seen[seen_count++] = (seen_process){pid, looks, began, ns};
}

// When a process began and what it used; 0 when there is none of this number.
static int read_process(int pid, unsigned long long *began, uint64_t *ns) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  size_t size = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[size] = 0;
  unsigned long long user, kernel;
  const char *rest = strrchr(text, ')'); // the name before it is the job's to choose
  if (rest == NULL || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %llu", &user, &kernel, began) != 3)
    return 0;
  *ns = (user + kernel) * (1000000000ull / (unsigned long long)sysconf(_SC_CLK_TCK));
  return 1;
}

static void look(int pid, int depth) {
  char path[64];
  unsigned long long began;
  uint64_t ns;
  if (!read_process(pid, &began, &ns)) return;
  note(pid, began, ns);
  if (depth == kMaxDepth) return;
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *threads = opendir(path);
  if (threads == NULL) return;
  for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
    int thread = atoi(entry->d_name), child;
    if (thread <= 0) continue;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, thread);
    FILE *file = fopen(path, "re");
    if (file == NULL) continue;
    while (fscanf(file, "%d", &child) == 1) look(child, depth + 1);
    fclose(file);
  }
  closedir(threads);
}

// Takes out what is gone. What was only missed, since its parent ended while it was looked for, is still there.
static void sweep(void) {
  for (int i = seen_count - 1; i >= 0; i--) {
    if (seen[i].look == looks) continue;
    unsigned long long began;
    uint64_t ns;
    if (read_process(seen[i].pid, &began, &ns) && began == seen[i].began) {
      seen[i].ns = ns;
      continue;
    }
    gone_ns += seen[i].ns;
    seen[i] = seen[--seen_count];
  }
}

uint64_t processes_ns(int first) {
  if (seen == NULL && (seen = calloc(kMaxSeen, sizeof *seen)) == NULL) infrastructure("no memory to count CPU time");
  if (first > 0) {
    looks++;
    look(first, 0);
    sweep();
  }
  uint64_t sum = gone_ns;
  for (int i = 0; i < seen_count; i++) sum += seen[i].ns;
  return sum;
}
