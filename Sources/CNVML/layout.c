// The layouts that the library's binary interface has.
#include "CNVML.h"

_Static_assert(sizeof(nvml_memory) == 24, "three 64-bit counts of bytes");
_Static_assert(sizeof(unsigned) == 4, "NVML's counts have 32 bits");
