#include "disk.h"

#include <sqlite3.h>
#include <string.h>

/// An open file of an attached directory; the unix VFS's own follows it in memory.
struct faulty_file {
    sqlite3_file base;
    faulty_disk *disk;
    int file;
    /// The unix VFS syncs the directory with the first sync of a journal or log that it may have made.
    int syncs_directory;
};

static sqlite3_vfs *real_vfs;

static sqlite3_file *real(sqlite3_file *file) { return (sqlite3_file *)((struct faulty_file *)file + 1); }
static struct faulty_file *faulty(sqlite3_file *file) { return (struct faulty_file *)file; }
static const sqlite3_io_methods *methods(sqlite3_file *file) { return real(file)->pMethods; }

// MARK: What is written down, and what may fail

static int close_file(sqlite3_file *file) { return methods(file)->xClose(real(file)); }

static int read_file(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    if (faulty_disk_strikes(faulty(file)->disk, FAULTY_READ)) return SQLITE_IOERR_READ;
    return methods(file)->xRead(real(file), bytes, count, offset);
}

static int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    struct faulty_file *self = faulty(file);
    int fails = faulty_disk_strikes(self->disk, FAULTY_WRITE);
    int is_full = fails && self->disk->reason == FAULTY_ENOSPC;
    if (fails) count = is_full ? count / 2 : 0;
    if (count > 0) {
        int code = methods(file)->xWrite(real(file), bytes, count, offset);
        if (code != SQLITE_OK) return code;
        faulty_disk_note(self->disk, EVENT_WRITE, self->file, NULL, offset, bytes, count);
    }
    return !fails ? SQLITE_OK : is_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size) {
    struct faulty_file *self = faulty(file);
    if (faulty_disk_strikes(self->disk, FAULTY_TRUNCATE)) return SQLITE_IOERR_TRUNCATE;
    int code = methods(file)->xTruncate(real(file), size);
    if (code == SQLITE_OK) faulty_disk_note(self->disk, EVENT_TRUNCATE, self->file, NULL, size, NULL, 0);
    return code;
}

static int sync_file(sqlite3_file *file, int flags) {
    (void)flags;
    struct faulty_file *self = faulty(file);
    int fails = faulty_disk_strikes(self->disk, FAULTY_SYNC);
    faulty_disk_note(self->disk, fails ? EVENT_FAILED_SYNC : EVENT_SYNC, self->file, NULL, 0, NULL, 0);
    if (fails) return SQLITE_IOERR_FSYNC;
    if (self->syncs_directory) faulty_disk_note(self->disk, EVENT_SYNC_DIRECTORY, -1, NULL, 0, NULL, 0);
    self->syncs_directory = 0;
    return SQLITE_OK;
}

static int map_memory(sqlite3_file *file, int region, int size, int extend, void volatile **memory) {
    if (extend && faulty_disk_strikes(faulty(file)->disk, FAULTY_MEMORY)) return SQLITE_IOERR_SHMSIZE;
    return methods(file)->xShmMap(real(file), region, size, extend, memory);
}

// MARK: What passes through

static int file_size(sqlite3_file *file, sqlite3_int64 *size) { return methods(file)->xFileSize(real(file), size); }
static int lock_file(sqlite3_file *file, int level) { return methods(file)->xLock(real(file), level); }
static int unlock_file(sqlite3_file *file, int level) { return methods(file)->xUnlock(real(file), level); }
static int check_lock(sqlite3_file *file, int *answer) { return methods(file)->xCheckReservedLock(real(file), answer); }
static int control(sqlite3_file *file, int operation, void *value) { return methods(file)->xFileControl(real(file), operation, value); }
static int sector_size(sqlite3_file *file) { return methods(file)->xSectorSize(real(file)); }
static int characteristics(sqlite3_file *file) { return methods(file)->xDeviceCharacteristics(real(file)); }
static int lock_memory(sqlite3_file *file, int offset, int count, int flags) {
    return methods(file)->xShmLock(real(file), offset, count, flags);
}
static void memory_barrier(sqlite3_file *file) { methods(file)->xShmBarrier(real(file)); }
static int unmap_memory(sqlite3_file *file, int deletes) { return methods(file)->xShmUnmap(real(file), deletes); }

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_memory,
    .xShmLock = lock_memory,
    .xShmBarrier = memory_barrier,
    .xShmUnmap = unmap_memory,
};

// MARK: The file system

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    const char *name;
    faulty_disk *disk = faulty_disk_of(path, &name);
    if (!disk) return real_vfs->xOpen(real_vfs, path, file, flags, out);
    file->pMethods = NULL;
    if (faulty_disk_strikes(disk, FAULTY_OPEN)) return SQLITE_CANTOPEN;
    memset(real(file), 0, real_vfs->szOsFile);
    int code = real_vfs->xOpen(real_vfs, path, real(file), flags, out);
    if (code != SQLITE_OK) {
        if (real(file)->pMethods) methods(file)->xClose(real(file));
        return code;
    }
    struct faulty_file *self = faulty(file);
    self->disk = disk;
    self->file = faulty_disk_file(disk, name);
    int is_journal = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    self->syncs_directory = is_journal && (flags & SQLITE_OPEN_CREATE);
    file->pMethods = &faulty_methods;
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int syncs_directory) {
    (void)vfs;
    const char *name;
    faulty_disk *disk = faulty_disk_of(path, &name);
    if (!disk) return real_vfs->xDelete(real_vfs, path, syncs_directory);
    if (faulty_disk_strikes(disk, FAULTY_DELETE)) return SQLITE_IOERR_DELETE;
    int code = real_vfs->xDelete(real_vfs, path, 0);
    if (code != SQLITE_OK) return code;
    faulty_disk_note(disk, EVENT_UNNAME, -1, name, 0, NULL, 0);
    if (syncs_directory && faulty_disk_sync_directory(disk) != 0) return SQLITE_IOERR_DIR_FSYNC;
    return SQLITE_OK;
}

int faulty_vfs_register(void) {
    static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
    static sqlite3_vfs vfs;
    int code = SQLITE_OK;
    pthread_mutex_lock(&once);
    if (!real_vfs) {
        real_vfs = sqlite3_vfs_find("unix");
        if (real_vfs) {
            vfs = *real_vfs;
            vfs.zName = "vestige-faulty";
            vfs.szOsFile = (int)sizeof(struct faulty_file) + real_vfs->szOsFile;
            vfs.xOpen = open_file;
            vfs.xDelete = delete_file;
            code = sqlite3_vfs_register(&vfs, 1);
        } else {
            code = SQLITE_NOTFOUND;
        }
    }
    pthread_mutex_unlock(&once);
    return code;
}
