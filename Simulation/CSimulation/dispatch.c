#define _GNU_SOURCE
#include "internal.h"

#include <dlfcn.h>
#include <stdlib.h>

// Work on queues of libdispatch, and the timers that tasks sleep by.

extern void *_Block_copy(const void *block);
extern void _Block_release(const void *block);

// The head of a block, as the blocks runtime lays it out.
struct block {
  void *isa;
  int flags, reserved;
  void (*invoke)(void *block);
};

struct work {
  void *context;
  void (*function)(void *context);
};

static void run_block(void *context) {
  struct block *block = context;
  block->invoke(block);
  _Block_release(block);
}

static void put(const void *queue, void *context, void (*function)(void *), int64_t at) {
  struct work *work = malloc(sizeof *work);
  if (work == NULL) abort();
  work->context = context;
  work->function = function;
  simulation_calls.work(queue, work, at);
}

void simulation_perform(void *pointer) {
  struct work work = *(struct work *)pointer;
  free(pointer);
  work.function(work.context);
}

// A time of libdispatch as one of ours: its two highest bits name the clock, and ours are all one but for the wall's.
static int64_t instant(uint64_t when) {
  const uint64_t flag = 1ull << 63;
  if (when == UINT64_MAX) return INT64_MAX;
  if ((when & flag) != 0 && (when & (flag >> 1)) != 0) return simulation_now;
  return (int64_t)(when & ~flag);
}

void dispatch_async(void *queue, const void *block) {
  if (simulation_now != 0) return put(queue, _Block_copy(block), run_block, 0);
  ((void (*)(void *, const void *))dlsym(RTLD_NEXT, "dispatch_async"))(queue, block);
}

void dispatch_after(uint64_t when, void *queue, const void *block) {
  if (simulation_now != 0) return put(queue, _Block_copy(block), run_block, instant(when));
  ((void (*)(uint64_t, void *, const void *))dlsym(RTLD_NEXT, "dispatch_after"))(when, queue, block);
}

void dispatch_async_f(void *queue, void *context, void (*function)(void *)) {
  if (simulation_now != 0) return put(queue, context, function, 0);
  ((void (*)(void *, void *, void (*)(void *)))dlsym(RTLD_NEXT, "dispatch_async_f"))(queue, context, function);
}

void dispatch_after_f(uint64_t when, void *queue, void *context, void (*function)(void *)) {
  if (simulation_now != 0) return put(queue, context, function, instant(when));
  ((void (*)(uint64_t, void *, void *, void (*)(void *)))dlsym(RTLD_NEXT, "dispatch_after_f"))(
      when, queue, context, function);
}

// The runtime widens a queue of its own once. For that a thread would be started, whose timers spin while time stands.
void dispatch_queue_set_width(void *queue, long width) {
  if (simulation_now != 0) return;
  ((void (*)(void *, long))dlsym(RTLD_NEXT, "dispatch_queue_set_width"))(queue, width);
}
