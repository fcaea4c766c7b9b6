#define _GNU_SOURCE
#include "CSharedPage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void vestige_bell_ring(void *place) {
    __atomic_fetch_add((uint32_t *)place, 1, __ATOMIC_SEQ_CST);
    // Not the private form: those who sleep are other processes.
    syscall(SYS_futex, place, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

void vestige_bell_wait(const void *place, uint32_t heard, uint32_t milliseconds) {
    struct timespec limit = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    syscall(SYS_futex, place, FUTEX_WAIT, heard, &limit, NULL, 0);
}

static struct flock range(short type, int64_t start, int64_t count) {
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = start;
    lock.l_len = count;
    return lock;
}

int vestige_range_lock(int descriptor, int64_t start, int64_t count, int waits) {
    struct flock lock = range(F_WRLCK, start, count);
    while (fcntl(descriptor, waits ? F_OFD_SETLKW : F_OFD_SETLK, &lock) != 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
}

int vestige_range_unlock(int descriptor, int64_t start, int64_t count) {
    struct flock lock = range(F_UNLCK, start, count);
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

int vestige_range_is_locked(int descriptor, int64_t start, int64_t count) {
    struct flock lock = range(F_WRLCK, start, count);
    if (fcntl(descriptor, F_OFD_GETLK, &lock) != 0) return -errno;
    return lock.l_type != F_UNLCK;
}
