#ifndef FAULTY_DISK_H
#define FAULTY_DISK_H

#include "CFaultyVFS.h"

#include <pthread.h>

/// What can happen to a disk.
enum event_kind {
    /// `name` now leads to `file`.
    EVENT_NAME,
    EVENT_UNNAME,
    EVENT_WRITE,
    /// To `offset` bytes.
    EVENT_TRUNCATE,
    EVENT_SYNC,
    /// What was written since the last sync is in doubt for good.
    EVENT_FAILED_SYNC,
    EVENT_SYNC_DIRECTORY,
};

struct event {
    enum event_kind kind;
    /// Number of a file, counted from 0; a name may lead to several, one after another.
    int file;
    int64_t offset;
    size_t count;
    uint8_t *bytes;
    char *name;
};

struct faulty_disk {
    pthread_mutex_t lock;
    char *directory;
    struct event *events;
    size_t count, capacity;
    int file_count;
    enum faulty_operation failing;
    enum faulty_reason reason;
    long nth, met, failures;
    int lasting;
};

/// Whose directory a path lies in, directly; `NULL` for none. `name` becomes the part behind the directory.
faulty_disk *faulty_disk_of(const char *path, const char **name);

void faulty_disk_note(faulty_disk *disk, enum event_kind kind, int file, const char *name, int64_t offset, const void *bytes, size_t count);

/// The file that `name` leads to, noted as new with what it holds if nothing is known of it.
int faulty_disk_file(faulty_disk *disk, const char *name);

/// Whether this operation is to fail.
int faulty_disk_strikes(faulty_disk *disk, enum faulty_operation operation);

#endif
