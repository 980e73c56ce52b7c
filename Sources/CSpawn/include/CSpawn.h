// What starts a program, of glibc's extensions that Swift does not see.
#ifndef CSPAWN_H
#define CSPAWN_H

#include <sys/types.h>

/// Makes a pipe whose ends no program inherits by accident. Returns 0, or an error number.
int assay_pipe(int *_Nonnull ends);

/// Makes an empty file in memory that no program inherits by accident. Returns its descriptor, or -1 with errno.
int assay_memory_file(void);

/// Starts a program in a process group of its own, with no signal blocked or ignored and no descriptors but these three.
///
/// descriptors: of this process, for standard input, output and error; -1 for /dev/null.
/// folder: where it works; null for this process's folder.
/// Returns 0, or an error number.
int assay_spawn(
    pid_t *_Nonnull pid, const char *_Nonnull path, char *_Nullable const *_Nonnull argv,
    char *_Nullable const *_Nonnull envp, const char *_Nullable folder, const int *_Nonnull descriptors);

#endif
