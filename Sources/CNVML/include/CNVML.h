// What Assay calls of NVML, NVIDIA's management library, as its public API reference (docs.nvidia.com/deploy/nvml-api) describes it.
// The library is loaded at run time, so that nothing of it is needed to build.
#pragma once
#include <stdint.h>

// A physical device, or an instance of one that is partitioned (MIG). Opaque.
typedef void *nvml_device;

typedef struct {
  unsigned long long total, free, used; // bytes
} nvml_memory;

typedef struct {
  unsigned pid;
  unsigned long long memory; // bytes
  unsigned gpu_instance, compute_instance;
} nvml_process;

typedef struct {
  unsigned gpu, memory; // percent of the last sample period
} nvml_utilization;

// What devices report by themselves, in a queue of its own. Opaque.
typedef void *nvml_events;

typedef struct {
  nvml_device device;
  unsigned long long type, data;          // one of NVML_EVENT_...; the number of an Xid, else 0
  unsigned gpu_instance, compute_instance; // NVML_NO_INSTANCE where it is not of one alone
} nvml_event;

typedef struct {
  char legacy[16];
  unsigned domain, bus, device, id, subsystem;
  char name[32];
} nvml_pci;

// The path of the library that a function is in, valid while it is loaded; NULL where the loader does not tell.
const char *nvml_place(const void *function);

typedef int (*nvml_plain)(void);
typedef const char *(*nvml_error_text)(int status);
typedef int (*nvml_system_text)(char *text, unsigned size);
typedef int (*nvml_count)(unsigned *count);
typedef int (*nvml_device_by_index)(unsigned index, nvml_device *device);
typedef int (*nvml_device_text)(nvml_device device, char *text, unsigned size);
typedef int (*nvml_device_memory)(nvml_device device, nvml_memory *memory);
typedef int (*nvml_device_number)(nvml_device device, unsigned *number);
typedef int (*nvml_device_capability)(nvml_device device, int *major, int *minor);
typedef int (*nvml_device_mode)(nvml_device device, unsigned *current, unsigned *pending);
typedef int (*nvml_device_by_uuid)(const char *uuid, nvml_device *device);
typedef int (*nvml_device_processes)(nvml_device device, unsigned *count, nvml_process *processes);
typedef int (*nvml_device_utilization)(nvml_device device, nvml_utilization *utilization);
typedef int (*nvml_device_errors)(nvml_device device, unsigned kind, unsigned counter, unsigned long long *count);
typedef int (*nvml_device_rows)(nvml_device device, unsigned *corrected, unsigned *uncorrected, unsigned *pending, unsigned *failed);
typedef int (*nvml_device_bits)(nvml_device device, unsigned long long *bits);
typedef int (*nvml_device_part)(nvml_device device, unsigned index, nvml_device *part);
typedef int (*nvml_device_whole)(nvml_device part, nvml_device *device);
typedef int (*nvml_device_clock)(nvml_device device, unsigned clock, unsigned *megahertz);
typedef int (*nvml_device_temperature)(nvml_device device, unsigned sensor, unsigned *celsius);
typedef int (*nvml_device_ancestor)(nvml_device first, nvml_device second, unsigned *level);
typedef int (*nvml_device_peer)(nvml_device first, nvml_device second, unsigned way, unsigned *status);
typedef int (*nvml_device_link)(nvml_device device, unsigned link, unsigned *active);
typedef int (*nvml_device_pci)(nvml_device device, nvml_pci *pci);
typedef int (*nvml_device_link_pci)(nvml_device device, unsigned link, nvml_pci *remote);
typedef int (*nvml_device_cores)(nvml_device device, unsigned words, unsigned long *mask);
typedef int (*nvml_events_make)(nvml_events *events);
typedef int (*nvml_events_free)(nvml_events events);
typedef int (*nvml_events_of)(nvml_device device, unsigned long long *types);
typedef int (*nvml_events_register)(nvml_device device, unsigned long long types, nvml_events events);
typedef int (*nvml_events_wait)(nvml_events events, nvml_event *event, unsigned milliseconds);

enum { NVML_UNCORRECTED = 1, NVML_SINCE_LOADED = 0 }; // of nvml_device_errors
enum { NVML_CLOCK_SM = 1, NVML_CLOCK_MEMORY = 2, NVML_TEMPERATURE_OF_GPU = 0, NVML_PEER_NVLINK = 2 };
enum { NVML_EVENT_DOUBLE_BIT = 0x2, NVML_EVENT_XID = 0x8 };
#define NVML_NO_INSTANCE 0xffffffffu
enum { NVML_OK = 0, NVML_NOT_FOUND = 6, NVML_INSUFFICIENT_SIZE = 7, NVML_TIMEOUT = 10 };
