#include "internal.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

// SQLite's files with what a crash does to them: writes that were not synced may be there, gone, or there in part.

struct pending {
  int64_t offset, size_before;
  int count, count_before;
  unsigned char *bytes, *before;
};

struct file {
  sqlite3_file base;
  struct file *next;
  char *path;
  struct pending *pending;
  size_t pending_count;
  bool is_dead;
  sqlite3_file *real;
};

static sqlite3_vfs *original;
static sqlite3_vfs simulated;
static struct file *files;
static bool lies;
static const int sector = 512;

static struct file *of(sqlite3_file *file) { return (struct file *)file; }
static sqlite3_file *real(sqlite3_file *file) { return of(file)->real; }

static void settle(struct file *file) {
  for (size_t index = 0; index < file->pending_count; index++) {
    free(file->pending[index].bytes);
    free(file->pending[index].before);
  }
  free(file->pending);
  file->pending = NULL;
  file->pending_count = 0;
}

static int note(struct file *file, const void *bytes, int count, int64_t offset) {
  sqlite3_int64 size = 0;
  int code = file->real->pMethods->xFileSize(file->real, &size);
  if (code != SQLITE_OK) return code;
  struct pending *all = realloc(file->pending, (file->pending_count + 1) * sizeof *all);
  if (all == NULL) return SQLITE_NOMEM;
  file->pending = all;
  struct pending entry = {.offset = offset, .size_before = size, .count = count};
  entry.count_before = offset >= size ? 0 : (int)(size - offset < count ? size - offset : count);
  entry.bytes = malloc((size_t)count + 1);
  entry.before = malloc((size_t)entry.count_before + 1);
  if (entry.bytes == NULL || entry.before == NULL) return SQLITE_NOMEM;
  memcpy(entry.bytes, bytes, (size_t)count);
  if (entry.count_before > 0) {
    code = file->real->pMethods->xRead(file->real, entry.before, entry.count_before, offset);
  }
  all[file->pending_count++] = entry;
  return code;
}

static int x_close(sqlite3_file *base) {
  struct file *file = of(base);
  for (struct file **link = &files; *link != NULL; link = &(*link)->next) {
    if (*link == file) {
      *link = file->next;
      break;
    }
  }
  settle(file);
  int code = file->real->pMethods == NULL ? SQLITE_OK : file->real->pMethods->xClose(file->real);
  free(file->path);
  free(file->real);
  return code;
}

static int x_read(sqlite3_file *file, void *buffer, int count, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), buffer, count, offset);
}

static int x_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
  struct file *file = of(base);
  if (file->is_dead) return SQLITE_IOERR_WRITE;
  int code = simulation_now == 0 ? SQLITE_OK : simulation_calls.disk(file->path, simulation_disk_write);
  if (code != SQLITE_OK) return code;
  code = note(file, bytes, count, offset);
  if (code != SQLITE_OK) return code;
  return file->real->pMethods->xWrite(file->real, bytes, count, offset);
}

static int x_truncate(sqlite3_file *base, sqlite3_int64 size) {
  struct file *file = of(base);
  if (file->is_dead) return SQLITE_IOERR_TRUNCATE;
  settle(file);
  return file->real->pMethods->xTruncate(file->real, size);
}

static int x_sync(sqlite3_file *base, int flags) {
  (void)flags;
  struct file *file = of(base);
  if (file->is_dead) return SQLITE_IOERR_FSYNC;
  int code = simulation_now == 0 ? SQLITE_OK : simulation_calls.disk(file->path, simulation_disk_sync);
  // What was to be synced stays what a crash may take.
  if (code == SQLITE_OK && !lies) settle(file);
  return code;
}

static int x_file_size(sqlite3_file *file, sqlite3_int64 *size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
static int x_lock(sqlite3_file *file, int level) { return real(file)->pMethods->xLock(real(file), level); }
static int x_unlock(sqlite3_file *file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
static int x_check_lock(sqlite3_file *file, int *result) {
  return real(file)->pMethods->xCheckReservedLock(real(file), result);
}
static int x_control(sqlite3_file *file, int operation, void *argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
static int x_sector_size(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }
static int x_characteristics(sqlite3_file *file) {
  // Nothing is promised that a disk may not keep: no write is atomic, none is in order.
  return real(file)->pMethods->xDeviceCharacteristics(real(file)) & SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN;
}
static int x_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}
static int x_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
static void x_shm_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }
static int x_shm_unmap(sqlite3_file *file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_file_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_check_lock,
    .xFileControl = x_control,
    .xSectorSize = x_sector_size,
    .xDeviceCharacteristics = x_characteristics,
    .xShmMap = x_shm_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_shm_barrier,
    .xShmUnmap = x_shm_unmap,
};

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags) {
  (void)vfs;
  struct file *file = of(base);
  memset(file, 0, sizeof *file);
  file->real = calloc(1, (size_t)original->szOsFile);
  file->path = strdup(name == NULL ? "" : name);
  if (file->real == NULL || file->path == NULL) return SQLITE_NOMEM;
  int code = original->xOpen(original, name, file->real, flags, out_flags);
  if (code != SQLITE_OK) {
    if (file->real->pMethods != NULL) file->real->pMethods->xClose(file->real);
    free(file->real);
    free(file->path);
    return code;
  }
  file->base.pMethods = &methods;
  file->next = files;
  files = file;
  return SQLITE_OK;
}

bool simulation_disk_install(void) {
  original = sqlite3_vfs_find(NULL);
  if (original == NULL) return false;
  simulated = *original;
  simulated.zName = "assay-simulation";
  simulated.szOsFile = sizeof(struct file);
  simulated.xOpen = x_open;
  simulated.pNext = NULL;
  return sqlite3_vfs_register(&simulated, 1) == SQLITE_OK;
}

void simulation_disk_set_lying(bool is) { lies = is; }

static void put_back(struct file *file) {
  const sqlite3_io_methods *io = file->real->pMethods;
  for (size_t index = file->pending_count; index > 0; index--) {
    struct pending *entry = &file->pending[index - 1];
    if (entry->count_before > 0) io->xWrite(file->real, entry->before, entry->count_before, entry->offset);
    io->xTruncate(file->real, entry->size_before);
  }
}

void simulation_disk_crash(const char *folder) {
  size_t length = strlen(folder);
  for (struct file *file = files; file != NULL; file = file->next) {
    if (file->is_dead || strncmp(file->path, folder, length) != 0) continue;
    file->is_dead = true;
    put_back(file);
    for (size_t index = 0; index < file->pending_count && !lies; index++) {
      struct pending *entry = &file->pending[index];
      int sectors = (entry->count + sector - 1) / sector;
      int kept = 0;
      switch (simulation_random() % 4) {
        case 0: break;
        case 1: kept = (int)(simulation_random() % (uint64_t)(sectors + 1)) * sector; break;
        default: kept = entry->count;
      }
      if (kept > entry->count) kept = entry->count;
      if (kept > 0) file->real->pMethods->xWrite(file->real, entry->bytes, kept, entry->offset);
    }
    settle(file);
  }
}
