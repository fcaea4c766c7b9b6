#ifndef CSPAWN_H
#define CSPAWN_H

#include <spawn.h>

/// What starting another program needs and the C library hides from Swift: its headers declare these for `_GNU_SOURCE` only.

/// A pipe whose ends no program inherits. Where the system can, they are marked as they are made; else another thread may start a program in
/// between.
///
/// Returns 0, or -1 with `errno`.
int vestige_pipe(int ends[2]);

/// Lets the program that is started inherit none of the descriptors from `first` on, marked or not. Does nothing where the C library has no
/// such action (glibc has it from 2.34 on).
///
/// Returns 0 or an error number.
int vestige_spawn_closing_from(posix_spawn_file_actions_t *actions, int first);

#endif
