#ifndef CFAULTY_VFS_H
#define CFAULTY_VFS_H

#include <stddef.h>
#include <stdint.h>

/// A disk for SQLite that can lose its power and that can fail, for tests.
///
/// Registered once, it stands before the unix VFS. What lies in a directory that was attached goes through to the real files and is
/// written down, one thing after another; everything else passes by. Nothing is really synced: only this account says what a sync
/// made certain. The shared memory of a log (`-shm`) is memory and not on the disk.
typedef struct faulty_disk faulty_disk;

/// Makes the VFS the default of this process. Returns SQLite's result code; may be called again.
int faulty_vfs_register(void);

/// The files that `directory` holds now are certain. `NULL` if it cannot be read, or if too many are attached.
faulty_disk *faulty_disk_attach(const char *directory);

/// The account of `disk` up to `moment` goes on in the empty `directory`, where its files are as the system had them then: a process died, the
/// machine did not.
faulty_disk *faulty_disk_continue(faulty_disk *disk, size_t moment, const char *directory);

/// Only after every connection to its files was closed.
void faulty_disk_detach(faulty_disk *disk);

/// How many things have happened to the disk.
size_t faulty_disk_moment(faulty_disk *disk);

/// Whether thing number `moment`, counted from 0, was a sync of a file or of the directory.
int faulty_disk_is_sync(faulty_disk *disk, size_t moment);

/// Somebody who is not SQLite synced the directory. Returns -1 if that was to fail.
int faulty_disk_sync_directory(faulty_disk *disk);

// MARK: Loss of power

enum faulty_loss {
    /// Nothing that was not synced is there.
    FAULTY_LOSS_ALL = 0,
    /// Everything is there, as after the death of a process.
    FAULTY_LOSS_NONE = 1,
    /// What was done up to some moment is there, what came after it is not; the last write is torn.
    FAULTY_LOSS_TAIL = 2,
    /// Some writes are there, in any order.
    FAULTY_LOSS_SOME = 3,
    /// Some sectors of 512 bytes are there, one of a write in the middle of itself; files may have grown before their content came.
    FAULTY_LOSS_SECTORS = 4,
};

/// Writes into the empty directory `into` what the disk holds if power went when `moment` things had happened.
///
/// A write is certain once its file was synced without error after it. One that a failed sync was to confirm never becomes certain:
/// the system may have given it up. Names are certain once their directory was synced. Returns 0, or -1 with errno.
int faulty_disk_lose_power(faulty_disk *disk, size_t moment, enum faulty_loss loss, uint64_t seed, const char *into);

// MARK: Failures

enum faulty_operation {
    FAULTY_NOTHING = 0,
    FAULTY_OPEN,
    FAULTY_READ,
    FAULTY_WRITE,
    FAULTY_TRUNCATE,
    FAULTY_SYNC,
    FAULTY_DELETE,
    /// The growth of the log's shared memory.
    FAULTY_MEMORY,
};

enum faulty_reason {
    /// A broken disk.
    FAULTY_EIO = 0,
    /// A full one: a write stops half way.
    FAULTY_ENOSPC = 1,
};

/// From now on the `nth` such operation fails, counted from 1; if `lasting`, all that follow as well. `FAULTY_NOTHING` mends the disk.
void faulty_disk_fail(faulty_disk *disk, enum faulty_operation operation, enum faulty_reason reason, long nth, int lasting);

/// How many operations failed since the disk was last told to.
long faulty_disk_failures(faulty_disk *disk);

#endif
