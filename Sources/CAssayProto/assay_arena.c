#include "assay_arena.h"

#include <stdlib.h>

static const size_t kChunk = 16384;

void *assay_arena_allocate(assay_arena *arena, size_t size) {
  if (size > SIZE_MAX - 64) return NULL;
  size = (size + 15) & ~(size_t)15;
  if (size == 0) size = 16;
  if (arena->cursor == NULL || (size_t)(arena->end - arena->cursor) < size) {
    size_t total = size + sizeof(assay_arena_chunk) + 16;
    if (total < kChunk) total = kChunk;
    if (total > arena->limit || arena->used > arena->limit - total) return NULL;
    assay_arena_chunk *chunk = malloc(total);
    if (chunk == NULL) return NULL;
    arena->used += total;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->cursor = (uint8_t *)(((uintptr_t)(chunk + 1) + 15) & ~(uintptr_t)15);
    arena->end = (uint8_t *)chunk + total;
  }
  void *result = arena->cursor;
  arena->cursor += size;
  return result;
}

void assay_arena_free(assay_arena *arena) {
  for (assay_arena_chunk *chunk = arena->chunks; chunk != NULL;) {
    assay_arena_chunk *next = chunk->next;
    free(chunk);
    chunk = next;
  }
  arena->chunks = NULL;
  arena->cursor = arena->end = NULL;
}

static void *allocate(void *arena, size_t size) { return assay_arena_allocate(arena, size); }

static void release(void *arena, void *pointer) {
  (void)arena;
  (void)pointer;
}

ProtobufCMessage *assay_arena_unpack(assay_arena *arena, const ProtobufCMessageDescriptor *descriptor, const uint8_t *data,
                                     size_t length) {
  ProtobufCAllocator allocator = {allocate, release, arena};
  return protobuf_c_message_unpack(descriptor, &allocator, length, data);
}

static int read_varint(const uint8_t **cursor, const uint8_t *end, uint64_t *value) {
  uint64_t result = 0;
  for (int shift = 0; *cursor < end && shift < 64; shift += 7) {
    uint8_t byte = *(*cursor)++;
    result |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) {
      *value = result;
      return 1;
    }
  }
  return 0;
}

int assay_structure_ok(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t length, int depth) {
  if (depth <= 0) return 0;
  const uint8_t *end = data + length;
  while (data < end) {
    uint64_t key, value;
    if (!read_varint(&data, end, &key) || key >> 3 == 0 || key >> 3 > 0x1fffffff) return 0;
    switch (key & 7) {
    case 0:
      if (!read_varint(&data, end, &value)) return 0;
      break;
    case 1:
      if (end - data < 8) return 0;
      data += 8;
      break;
    case 5:
      if (end - data < 4) return 0;
      data += 4;
      break;
    case 2: {
      if (!read_varint(&data, end, &value) || value > (uint64_t)(end - data)) return 0;
      const ProtobufCFieldDescriptor *field =
          protobuf_c_message_descriptor_get_field(descriptor, (unsigned)(key >> 3));
      if (field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE &&
          !assay_structure_ok(field->descriptor, data, (size_t)value, depth - 1))
        return 0;
      data += value;
      break;
    }
    default:
      return 0;
    }
  }
  return 1;
}
