#ifndef CSHARED_PAGE_H
#define CSHARED_PAGE_H

#include <stdint.h>

/// What a page of memory shared by processes needs and Swift cannot say: atomic access through a raw pointer,
/// sleeping on a word of the page until another process changes it, and locks on ranges of a file that belong
/// to one opening of it. Nothing here knows what the page means.

/// One atomic load; what was written before the value was stored is visible afterwards.
static inline uint64_t vestige_page_load(const void *place) {
    return __atomic_load_n((const uint64_t *)place, __ATOMIC_SEQ_CST);
}

static inline void vestige_page_store(void *place, uint64_t value) {
    __atomic_store_n((uint64_t *)place, value, __ATOMIC_SEQ_CST);
}

/// Raises the number at `place` by at least one and to at least `least`. Returns what it is then.
static inline uint64_t vestige_page_raise(void *place, uint64_t least) {
    uint64_t old = __atomic_load_n((uint64_t *)place, __ATOMIC_SEQ_CST);
    uint64_t next;
    do {
        next = old + 1 > least ? old + 1 : least;
    } while (!__atomic_compare_exchange_n((uint64_t *)place, &old, next, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    return next;
}

/// How often the bell at `place` was rung.
static inline uint32_t vestige_bell_heard(const void *place) {
    return __atomic_load_n((const uint32_t *)place, __ATOMIC_SEQ_CST);
}

/// Rings: whoever sleeps on the bell, in any process, wakes.
void vestige_bell_ring(void *place);

/// Sleeps until the bell is rung, unless it was since `heard`, or until `milliseconds` have passed.
/// May also return for no reason.
void vestige_bell_wait(const void *place, uint32_t heard, uint32_t milliseconds);

/// Takes the exclusive lock on `count` bytes of a file from `start` (0: to its end and beyond). It belongs to this
/// opening of the file: it excludes other openings, in this process too, and the system lets go of it when the last
/// descriptor of the opening is closed, however the process ends. Waits only if `waits` is not 0.
///
/// Returns 0 or errno (EAGAIN or EACCES: somebody else has it).
int vestige_range_lock(int descriptor, int64_t start, int64_t count, int waits);

/// Lets go of the lock. Returns 0 or errno.
int vestige_range_unlock(int descriptor, int64_t start, int64_t count);

/// Whether another opening has a lock in the range: 1 or 0, or -errno.
int vestige_range_is_locked(int descriptor, int64_t start, int64_t count);

#endif
