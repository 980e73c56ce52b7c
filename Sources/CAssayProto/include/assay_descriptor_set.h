// The schema of every service, as a serialized google.protobuf.FileDescriptorSet.
#pragma once
#include <stddef.h>

extern const unsigned char assay_descriptor_set[];
extern const size_t assay_descriptor_set_size;

// Swift does not import arrays of unknown size.
static inline const unsigned char *assay_descriptor_set_begin(void) { return assay_descriptor_set; }
