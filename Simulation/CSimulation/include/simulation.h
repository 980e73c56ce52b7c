// What a simulated process takes from the machine, replaced: time, randomness, threads, and the disk below SQLite.
//
// The symbols of the C library, libdispatch and the Swift runtime that are defined here take the place of theirs, because an
// executable's come before a shared library's. Outside a simulation they do what the originals do.
#ifndef ASSAY_SIMULATION_H
#define ASSAY_SIMULATION_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  simulation_disk_write,
  simulation_disk_sync,
} simulation_disk_operation;

// What the simulator is told. All on the one thread that simulates.
typedef struct {
  // A task wants to go on.
  void (*_Nonnull job)(void *_Nonnull job);
  // Work was put on a queue, to run by simulation_perform at a time, after what was put on that queue before.
  void (*_Nonnull work)(const void *_Nonnull queue, void *_Nonnull work, int64_t at);
  // SQLite writes to a file; the answer is 0, or SQLite's code of the failure.
  int32_t (*_Nonnull disk)(const char *_Nonnull path, simulation_disk_operation operation);
} simulation_callbacks;

// Begins: from now on time stands unless it is set, and nothing runs unless it is told to.
// Returns false when this Swift runtime lacks what is replaced.
bool simulation_begin(simulation_callbacks callbacks, uint64_t seed);

// Nanoseconds on the clock that never goes back, and what the wall clock of whoever runs now is wrong by.
void simulation_set_time(int64_t nanoseconds);
void simulation_set_wall_error(int64_t nanoseconds);

// Lets a task go on until it waits again.
void simulation_run_job(void *_Nonnull job);
// Runs work that the callback was given, once.
void simulation_perform(void *_Nonnull work);

// Takes the place of SQLite's way to the disk. False when SQLite refuses.
bool simulation_disk_install(void);
// What was written to files below a folder and not synced is as a crash leaves it: each write whole, gone, or torn. Later writes
// through the same handles fail.
void simulation_disk_crash(const char *_Nonnull folder);
// Syncs do nothing, and a crash takes everything back: a disk that acknowledges before it commits.
void simulation_disk_set_lying(bool lies);

// Runs the body in a process of its own, which ends with what it returns.
int32_t simulation_fork(int32_t (*_Nonnull body)(uint64_t), uint64_t argument);
// The address space is laid out the same at each start, and hashes are the same: starts the program anew once, where needed.
void simulation_pin(char *_Nullable *_Nonnull arguments);

#endif
