// Memory and safety for protobuf-c messages: a bump arena with a budget, and a check of structure before unpacking.
#pragma once
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

typedef struct assay_arena_chunk {
  struct assay_arena_chunk *next;
} assay_arena_chunk;

typedef struct assay_arena {
  uint8_t *cursor;
  uint8_t *end;
  assay_arena_chunk *chunks;
  size_t used;
  size_t limit; // allocation fails once this many bytes were asked for
} assay_arena;

/// Memory for `size` bytes, aligned to 16; NULL over the budget or out of memory.
void *assay_arena_allocate(assay_arena *arena, size_t size);
void assay_arena_free(assay_arena *arena);

/// Unpacks into the arena; NULL when malformed or over the budget.
ProtobufCMessage *assay_arena_unpack(assay_arena *arena, const ProtobufCMessageDescriptor *descriptor, const uint8_t *data,
                                     size_t length);

/// 1 when lengths add up and messages nest at most `depth` deep. protobuf-c 1.4.1 recurses without a bound.
int assay_structure_ok(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t length, int depth);
