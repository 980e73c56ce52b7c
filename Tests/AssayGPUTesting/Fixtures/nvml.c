// Plays NVML from a text file beside this library, "state", which is read anew at every call:
//   init STATUS           what starting answers
//   hang                  starting never ends
//   health UUID ERRORS ROWS BITS       uncorrected errors, remapped rows, and in hex what holds the clock back
//   gpu UUID NAME MIB MAJOR.MINOR NODE STATUS
//   busy UUID PID PERCENT USED_MIB     a process on a device; more lines for more
//   mig GPU PLACE UUID NAME MIB GI CI    a partition of the gpu with that index; the gpu is then partitioned
// Names have '_' for spaces. A gpu with a STATUS other than 0 answers every question with it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  char uuid[96], name[96];
  unsigned mib, node, gi, ci, parent, place;
  int major, minor, status, partition;
} entry;

typedef struct {
  entry entries[64];
  unsigned count, gpus;
  int init, hangs;
  struct {
    char uuid[96];
    unsigned pid, percent, mib;
  } busy[64];
  unsigned busy_count;
  struct {
    char uuid[96];
    unsigned errors, rows, bits;
  } health[16];
  unsigned health_count;
} world;

static world look(void) {
  world w;
  memset(&w, 0, sizeof w);
  Dl_info own;
  char path[4096], line[512];
  if (dladdr((void *)look, &own) == 0) return w;
  snprintf(path, sizeof path, "%s", own.dli_fname);
  char *end = strrchr(path, '/');
  if (end == NULL) return w;
  strcpy(end, "/state");
  FILE *file = fopen(path, "r");
  if (file == NULL) return w;
  while (fgets(line, sizeof line, file) != NULL && w.count < 64) {
    entry e;
    memset(&e, 0, sizeof e);
    if (sscanf(line, "init %d", &w.init) == 1) continue;
    if (strncmp(line, "hang", 4) == 0) w.hangs = 1;
    if (w.health_count < 16 && sscanf(line, "health %95s %u %u %x", w.health[w.health_count].uuid, &w.health[w.health_count].errors,
                                      &w.health[w.health_count].rows, &w.health[w.health_count].bits) == 4) {
      w.health_count++;
      continue;
    }
    if (w.busy_count < 64 && sscanf(line, "busy %95s %u %u %u", w.busy[w.busy_count].uuid, &w.busy[w.busy_count].pid,
                                    &w.busy[w.busy_count].percent, &w.busy[w.busy_count].mib) == 4) {
      w.busy_count++;
      continue;
    }
    if (sscanf(line, "gpu %95s %95s %u %d.%d %u %d", e.uuid, e.name, &e.mib, &e.major, &e.minor, &e.node, &e.status) == 7) {
      w.gpus++;
    } else if (sscanf(line, "mig %u %u %95s %95s %u %u %u", &e.parent, &e.place, e.uuid, e.name, &e.mib, &e.gi, &e.ci) == 7) {
      e.partition = 1;
    } else {
      continue;
    }
    for (char *c = e.name; *c != 0; c++)
      if (*c == '_') *c = ' ';
    w.entries[w.count++] = e;
  }
  fclose(file);
  return w;
}

// A handle is a place in the list, from 1.
static int find(void *device, entry *found) {
  world w = look();
  uintptr_t place = (uintptr_t)device;
  if (place == 0 || place > w.count) return 2;
  *found = w.entries[place - 1];
  return found->status;
}

static int text(const char *from, char *to, unsigned size) {
  if (strlen(from) + 1 > size) return 7;
  strcpy(to, from);
  return 0;
}

int nvmlInit_v2(void) {
  while (look().hangs) usleep(1000);
  return look().init;
}
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int status) { return status == 15 ? "GPU is lost" : status == 9 ? "Driver Not Loaded" : "Unknown Error"; }
int nvmlSystemGetDriverVersion(char *to, unsigned size) { return text("550.54.15", to, size); }
int nvmlDeviceGetCount_v2(unsigned *count) {
  *count = look().gpus;
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
  world w = look();
  for (unsigned i = 0, gpu = 0; i < w.count; i++)
    if (!w.entries[i].partition && gpu++ == index) {
      *device = (void *)(uintptr_t)(i + 1);
      return w.entries[i].status;
    }
  return 2;
}
#define ASK(...)                                                                                                       \
  entry e;                                                                                                             \
  int status = find(device, &e);                                                                                       \
  if (status != 0) return status;                                                                                      \
  __VA_ARGS__
int nvmlDeviceGetUUID(void *device, char *to, unsigned size) { ASK(return text(e.uuid, to, size);) }
int nvmlDeviceGetName(void *device, char *to, unsigned size) { ASK(return text(e.name, to, size);) }
int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *bytes) {
  ASK(bytes[0] = (unsigned long long)e.mib << 20; bytes[2] = 0; world w = look();
      for (unsigned i = 0; i < w.busy_count; i++) if (strcmp(w.busy[i].uuid, e.uuid) == 0) bytes[2] += (unsigned long long)w.busy[i].mib << 20;
      bytes[1] = bytes[0] - bytes[2]; return 0;)
}
int nvmlDeviceGetCudaComputeCapability(void *device, int *major, int *minor) { ASK(*major = e.major; *minor = e.minor; return 0;) }
int nvmlDeviceGetMinorNumber(void *device, unsigned *number) { ASK(*number = e.node; return 0;) }
#ifndef OLD
int nvmlDeviceGetHandleByUUID(const char *uuid, void **device) {
  world w = look();
  for (unsigned i = 0; i < w.count; i++)
    if (strcmp(w.entries[i].uuid, uuid) == 0) {
      *device = (void *)(uintptr_t)(i + 1);
      return w.entries[i].status;
    }
  return 6;
}
typedef struct {
  unsigned pid;
  unsigned long long memory;
  unsigned gi, ci;
} process;
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, process *to) {
  ASK(world w = look(); unsigned found = 0;
      for (unsigned i = 0; i < w.busy_count; i++) if (w.busy[i].pid != 0 && strcmp(w.busy[i].uuid, e.uuid) == 0) {
        if (found == *count) return 7;
        to[found].memory = (unsigned long long)w.busy[i].mib << 20;
        to[found++].pid = w.busy[i].pid;
      }
      *count = found; return 0;)
}
int nvmlDeviceGetUtilizationRates(void *device, unsigned *rates) {
  ASK(if (e.partition) return 3; world w = look(); rates[0] = rates[1] = 0;
      for (unsigned i = 0; i < w.busy_count; i++) if (strcmp(w.busy[i].uuid, e.uuid) == 0) rates[0] += w.busy[i].percent;
      return 0;)
}
#define HEALTH(CODE)                                                                                  \
  ASK(world w = look(); for (unsigned i = 0; i < w.health_count; i++) if (strcmp(w.health[i].uuid, e.uuid) == 0) { CODE; return 0; } return 3;)
int nvmlDeviceGetTotalEccErrors(void *device, unsigned kind, unsigned counter, unsigned long long *count) {
  HEALTH(*count = kind == 1 && counter == 0 ? w.health[i].errors : 0)
}
int nvmlDeviceGetRemappedRows(void *device, unsigned *corrected, unsigned *uncorrected, unsigned *pending, unsigned *failed) {
  HEALTH(*corrected = w.health[i].rows; *uncorrected = *pending = *failed = 0)
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void *device, unsigned long long *bits) { HEALTH(*bits = w.health[i].bits) }
static unsigned index_of(void *device) {
  world w = look();
  unsigned gpu = 0;
  for (uintptr_t i = 0; i + 1 < (uintptr_t)device; i++) gpu += !w.entries[i].partition;
  return gpu;
}
int nvmlDeviceGetMigMode(void *device, unsigned *current, unsigned *pending) {
  world w = look();
  *current = *pending = 0;
  for (unsigned i = 0; i < w.count; i++)
    if (w.entries[i].partition && w.entries[i].parent == index_of(device)) *current = *pending = 1;
  return *current ? 0 : 3;
}
int nvmlDeviceGetMaxMigDeviceCount(void *device, unsigned *count) { ASK(*count = 7; return 0;) }
int nvmlDeviceGetMigDeviceHandleByIndex(void *device, unsigned place, void **part) {
  world w = look();
  for (unsigned i = 0; i < w.count; i++)
    if (w.entries[i].partition && w.entries[i].parent == index_of(device) && w.entries[i].place == place) {
      *part = (void *)(uintptr_t)(i + 1);
      return 0;
    }
  return 6;
}
int nvmlDeviceGetGpuInstanceId(void *device, unsigned *id) { ASK(*id = e.gi; return 0;) }
int nvmlDeviceGetComputeInstanceId(void *device, unsigned *id) { ASK(*id = e.ci; return 0;) }
#endif
