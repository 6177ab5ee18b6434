/* base/system_error.h: what the system said, as a code and in words.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_BASE_SYSTEM_ERROR_H
#define FIRN_BASE_SYSTEM_ERROR_H

#include "base/alloc.h"

/* The code for an errno: NOT_FOUND for ENOENT, RESOURCE_EXHAUSTED for ENOSPC.
 */
firn_code firn_errno_code(int number);

/* Records "<fmt>: no such file or directory". The words are ours, because the
 * C library's are translated. */
firn_code firn_fail_errno(firn_error *err, int number, const char *fmt, ...)
    FIRN_PRINTF(3, 4);

#endif
