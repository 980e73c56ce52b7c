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

enum { NVML_UNCORRECTED = 1, NVML_SINCE_LOADED = 0 }; // of nvml_device_errors
enum { NVML_OK = 0, NVML_NOT_FOUND = 6, NVML_INSUFFICIENT_SIZE = 7 };
