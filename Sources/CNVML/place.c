// Where the loader found a library; a GNU extension, which Swift's Glibc does not import.
#define _GNU_SOURCE
#include "CNVML.h"

#include <dlfcn.h>
#include <stddef.h>

const char *nvml_place(const void *function) {
  Dl_info place;
  return dladdr(function, &place) != 0 ? place.dli_fname : NULL;
}
