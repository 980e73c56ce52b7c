// Plays NVML from a text file beside this library, "state", which is read anew at every call:
//   init STATUS           what starting answers
//   hang                  starting never ends
//   health UUID ERRORS ROWS BITS       uncorrected errors, remapped rows, and in hex what holds the clock back
//   gpu UUID NAME MIB MAJOR.MINOR NODE STATUS
//   busy UUID PID PERCENT USED_MIB     a process on a device; more lines for more
//   mig GPU PLACE UUID NAME MIB GI CI    a partition of the gpu with that index; the gpu is then partitioned
//   clocks UUID SM MEMORY SET_SM SET_MEMORY MOST_SM MOST_MEMORY CELSIUS MILLIJOULES
//   path UUID UUID LEVEL LINKS HOW     what two gpus have in common, and NVLinks between them (HOW 0) or of each to a switch (HOW 1)
//   cores UUID MASK                    cores near to a gpu, in hex
//   xid UUID NUMBER                    reported by a device, or by one partition of it; queued from when somebody registered
//   double_bit UUID                    likewise
//   events WORD                        "none": not told; "no_ecc": no double_bit; "stuck": waiting never ends; "dead": the process ends
// Names have '_' for spaces. A gpu with a STATUS other than 0 answers every question with it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
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
  struct {
    char uuid[96];
    unsigned clocks[6], celsius, millijoules;
  } clocks[16];
  unsigned clocks_count;
  struct {
    char first[96], second[96];
    unsigned level, links, switched;
  } paths[64];
  unsigned paths_count;
  struct {
    char uuid[96];
    unsigned long mask;
  } cores[16];
  unsigned cores_count;
  struct {
    char uuid[96];
    unsigned long long type, number;
  } reports[256];
  unsigned reports_count;
  char events[16];
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
    if (sscanf(line, "events %15s", w.events) == 1) continue;
#define AT(LIST) w.LIST[w.LIST##_count]
    if (w.clocks_count < 16 &&
        sscanf(line, "clocks %95s %u %u %u %u %u %u %u %u", AT(clocks).uuid, &AT(clocks).clocks[0], &AT(clocks).clocks[1],
               &AT(clocks).clocks[2], &AT(clocks).clocks[3], &AT(clocks).clocks[4], &AT(clocks).clocks[5], &AT(clocks).celsius,
               &AT(clocks).millijoules) == 9) {
      w.clocks_count++;
      continue;
    }
    if (w.paths_count < 64 && sscanf(line, "path %95s %95s %u %u %u", AT(paths).first, AT(paths).second, &AT(paths).level,
                                     &AT(paths).links, &AT(paths).switched) == 5) {
      w.paths_count++;
      continue;
    }
    if (w.cores_count < 16 && sscanf(line, "cores %95s %lx", AT(cores).uuid, &AT(cores).mask) == 2) {
      w.cores_count++;
      continue;
    }
    if (w.reports_count < 256 && sscanf(line, "xid %95s %llu", AT(reports).uuid, &AT(reports).number) == 2) {
      AT(reports).type = 8;
      w.reports_count++;
      continue;
    }
    if (w.reports_count < 256 && sscanf(line, "double_bit %95s", AT(reports).uuid) == 1) {
      AT(reports).type = 2;
      w.reports_count++;
      continue;
    }
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

// A handle is a place in the list, from 1. Events have other handles of the same devices.
#define OTHER 1000
static int find(void *device, entry *found) {
  world w = look();
  uintptr_t place = (uintptr_t)device % OTHER;
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
#ifndef NOPARTS
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
int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(void *part, void **device) {
  world w = look();
  uintptr_t place = (uintptr_t)part;
  if (place == 0 || place > w.count || !w.entries[place - 1].partition) return 2;
  return nvmlDeviceGetHandleByIndex_v2(w.entries[place - 1].parent, device);
}
#endif

#define CLOCKS(CODE)                                                                                               \
  ASK(if (e.partition) return 3; world w = look(); for (unsigned i = 0; i < w.clocks_count; i++) if (               \
          strcmp(w.clocks[i].uuid, e.uuid) == 0) { CODE; return 0; } return 3;)
// Clocks are numbered 1 (SM) and 2 (memory).
int nvmlDeviceGetClockInfo(void *device, unsigned clock, unsigned *megahertz) {
  CLOCKS(if (clock != 1 && clock != 2) return 2; *megahertz = w.clocks[i].clocks[clock - 1])
}
int nvmlDeviceGetApplicationsClock(void *device, unsigned clock, unsigned *megahertz) {
  CLOCKS(if (clock != 1 && clock != 2) return 2; *megahertz = w.clocks[i].clocks[clock + 1])
}
int nvmlDeviceGetMaxClockInfo(void *device, unsigned clock, unsigned *megahertz) {
  CLOCKS(if (clock != 1 && clock != 2) return 2; *megahertz = w.clocks[i].clocks[clock + 3])
}
int nvmlDeviceGetTemperature(void *device, unsigned sensor, unsigned *celsius) {
  CLOCKS(if (sensor != 0) return 2; *celsius = w.clocks[i].celsius)
}
int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *millijoules) {
  CLOCKS(*millijoules = w.clocks[i].millijoules)
}

typedef struct {
  char legacy[16];
  unsigned domain, bus, device, id, subsystem;
  char name[32];
} pci;
static int joins(const world *w, unsigned i, const char *first, const char *second) {
  return (strcmp(w->paths[i].first, first) == 0 && strcmp(w->paths[i].second, second) == 0) ||
         (strcmp(w->paths[i].first, second) == 0 && strcmp(w->paths[i].second, first) == 0);
}
int nvmlDeviceGetTopologyCommonAncestor(void *first, void *second, unsigned *level) {
  entry a, b;
  if (find(first, &a) != 0 || find(second, &b) != 0 || a.partition || b.partition) return 2;
  world w = look();
  for (unsigned i = 0; i < w.paths_count; i++)
    if (joins(&w, i, a.uuid, b.uuid)) {
      *level = w.paths[i].level;
      return 0;
    }
  return 3;
}
// Ways are numbered; 2 is NVLink, and of the answers 0 is yes.
int nvmlDeviceGetP2PStatus(void *first, void *second, unsigned way, unsigned *status) {
  entry a, b;
  if (find(first, &a) != 0 || find(second, &b) != 0) return 2;
  world w = look();
  *status = 5;
  for (unsigned i = 0; i < w.paths_count; i++)
    if (way == 2 && joins(&w, i, a.uuid, b.uuid) && w.paths[i].links > 0) *status = 0;
  return 0;
}
// A device's links in the order of its paths; what is switched counts once. Returns the bus of the far end, 0 for no such link.
static unsigned far_end(const world *w, const char *uuid, unsigned link) {
  unsigned before = 0, switched = 0;
  for (unsigned i = 0; i < w->paths_count; i++) {
    const char *other = strcmp(w->paths[i].first, uuid) == 0 ? w->paths[i].second : strcmp(w->paths[i].second, uuid) == 0 ? w->paths[i].first : NULL;
    if (other == NULL || (w->paths[i].switched && switched)) continue;
    switched |= w->paths[i].switched;
    if (link < before + w->paths[i].links) {
      if (w->paths[i].switched) return 200;
      for (unsigned j = 0; j < w->count; j++)
        if (strcmp(w->entries[j].uuid, other) == 0) return w->entries[j].node + 1;
    }
    before += w->paths[i].links;
  }
  return 0;
}
int nvmlDeviceGetNvLinkState(void *device, unsigned link, unsigned *active) {
  ASK(world w = look(); if (link >= 18) return 2; if (far_end(&w, e.uuid, 0) == 0) return 3;
      *active = far_end(&w, e.uuid, link) != 0; return 0;)
}
int nvmlDeviceGetNvLinkRemotePciInfo_v2(void *device, unsigned link, pci *to) {
  ASK(world w = look(); memset(to, 0, sizeof *to); to->bus = far_end(&w, e.uuid, link); return to->bus == 0 ? 2 : 0;)
}
int nvmlDeviceGetPciInfo_v3(void *device, pci *to) { ASK(memset(to, 0, sizeof *to); to->bus = e.node + 1; return 0;) }
int nvmlDeviceGetCpuAffinity(void *device, unsigned words, unsigned long *mask) {
  ASK(world w = look(); if (words == 0 || e.partition) return 2; memset(mask, 0, words * sizeof *mask);
      for (unsigned i = 0; i < w.cores_count; i++) if (strcmp(w.cores[i].uuid, e.uuid) == 0) {
        mask[0] = w.cores[i].mask;
        return 0;
      } return 3;)
}

#ifndef NOEVENTS
typedef struct {
  void *devices[64];
  unsigned long long types[64];
  unsigned seen[64], count;
} queue;
typedef struct {
  void *device;
  unsigned long long type, data;
  unsigned gi, ci;
} event;
// The report with that number, of those of a device and its partitions; -1 for none.
static int report(const world *w, void *device, unsigned long long types, unsigned number) {
  unsigned own = index_of(device), found = 0;
  for (unsigned i = 0; i < w->reports_count; i++)
    for (unsigned j = 0; j < w->count; j++) {
      if (strcmp(w->entries[j].uuid, w->reports[i].uuid) != 0 || !(w->reports[i].type & types)) continue;
      if (w->entries[j].partition ? w->entries[j].parent != own : (uintptr_t)device != j + 1) continue;
      if (found++ == number) return (int)i;
    }
  return -1;
}
int nvmlEventSetCreate(queue **set) {
  *set = calloc(1, sizeof **set);
  return 0;
}
int nvmlEventSetFree(queue *set) {
  free(set);
  return 0;
}
int nvmlDeviceGetSupportedEventTypes(void *device, unsigned long long *types) {
  ASK(world w = look(); *types = strcmp(w.events, "none") == 0 ? 0 : strcmp(w.events, "no_ecc") == 0 ? 0x1c : 0x1f; return 0;)
}
int nvmlDeviceRegisterEvents(void *device, unsigned long long types, queue *set) {
  unsigned long long supported = 0;
  int told = nvmlDeviceGetSupportedEventTypes(device, &supported);
  if (told != 0) return told;
  ASK(if (set == NULL || e.partition) return 2; if (types & ~supported) return 3; if (set->count == 64) return 999;)
  world w = look();
  set->devices[set->count] = device;
  set->types[set->count] = types;
  while (report(&w, device, types, set->seen[set->count]) >= 0) set->seen[set->count]++;
  set->count++;
  return 0;
}
// Returns at once what is queued, and else waits: 10 where nothing came.
int nvmlEventSetWait_v2(queue *set, event *to, unsigned milliseconds) {
  if (set == NULL || to == NULL) return 2;
  for (unsigned waited = 0;; waited++) {
    world w = look();
    if (strcmp(w.events, "dead") == 0) _exit(3);
    while (strcmp(w.events, "stuck") == 0) usleep(1000);
    for (unsigned i = 0; i < set->count; i++) {
      int next = report(&w, set->devices[i], set->types[i], set->seen[i]);
      if (next < 0) continue;
      set->seen[i]++;
      memset(to, 0, sizeof *to);
      to->device = (void *)((uintptr_t)set->devices[i] + OTHER);
      to->type = w.reports[next].type;
      to->data = w.reports[next].number;
      to->gi = to->ci = 0xffffffffu;
      for (unsigned j = 0; j < w.count; j++)
        if (w.entries[j].partition && strcmp(w.entries[j].uuid, w.reports[next].uuid) == 0) {
          to->gi = w.entries[j].gi;
          to->ci = w.entries[j].ci;
        }
      return 0;
    }
    for (unsigned i = 0; i < set->count; i++)
      if (w.entries[(uintptr_t)set->devices[i] - 1].status == 15) return 15;
    if (waited >= milliseconds) return 10;
    usleep(1000);
  }
}
#endif
#endif
