/* base/system_error.c: errno, once for programs and once for people. */
#include "base/system_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static const struct reason {
  int number;
  firn_code code;
  const char *words;
} reasons[] = {
    {ENOENT, FIRN_NOT_FOUND, "no such file or directory"},
    {ENOTDIR, FIRN_NOT_FOUND, "a part of the path is not a directory"},
    {EISDIR, FIRN_INVALID_ARGUMENT, "is a directory"},
    {EACCES, FIRN_PERMISSION_DENIED, "permission denied"},
    {EPERM, FIRN_PERMISSION_DENIED, "operation not permitted"},
    {EROFS, FIRN_PERMISSION_DENIED, "read-only file system"},
    {EEXIST, FIRN_ALREADY_EXISTS, "file exists"},
    {ENOTEMPTY, FIRN_ALREADY_EXISTS, "directory not empty"},
    {ENOSPC, FIRN_RESOURCE_EXHAUSTED, "no space left on device"},
    {EDQUOT, FIRN_RESOURCE_EXHAUSTED, "disk quota exceeded"},
    {EFBIG, FIRN_RESOURCE_EXHAUSTED, "file too large"},
    {ENOMEM, FIRN_RESOURCE_EXHAUSTED, "out of memory"},
    {EMFILE, FIRN_RESOURCE_EXHAUSTED, "too many open files"},
    {ENFILE, FIRN_RESOURCE_EXHAUSTED, "too many open files in the system"},
    {EAGAIN, FIRN_UNAVAILABLE, "resource temporarily unavailable"},
    {EBUSY, FIRN_UNAVAILABLE, "device or resource busy"},
    {ETXTBSY, FIRN_UNAVAILABLE, "program file busy"},
    {EPIPE, FIRN_UNAVAILABLE, "broken pipe"},
    {EIO, FIRN_DATA_LOSS, "input/output error"},
    {EINVAL, FIRN_INVALID_ARGUMENT, "invalid argument"},
    {ENAMETOOLONG, FIRN_INVALID_ARGUMENT, "file name too long"},
    {ELOOP, FIRN_INVALID_ARGUMENT, "too many levels of symbolic links"},
    {ENXIO, FIRN_NOT_FOUND, "no such device or address"},
    {ENODEV, FIRN_NOT_FOUND, "no such device"},
    {EXDEV, FIRN_INVALID_ARGUMENT, "on another device"},
    {EBADF, FIRN_FAILED_PRECONDITION, "not open for that"},
};

static const struct reason *find(int number) {
  for (size_t i = 0; i < FIRN_COUNT(reasons); i++)
    if (reasons[i].number == number) return &reasons[i];
  return NULL;
}

firn_code firn_errno_code(int number) {
  const struct reason *reason = find(number);
  return reason ? reason->code : FIRN_UNKNOWN;
}

firn_code firn_fail_errno(firn_error *err, int number, const char *fmt, ...) {
  char what[sizeof err->message];
  const struct reason *reason = find(number);
  va_list args;
  va_start(args, fmt);
  vsnprintf(what, sizeof what, fmt, args);
  va_end(args);
  if (reason)
    return firn_fail(err, reason->code, "%s: %s", what, reason->words);
  return firn_fail(err, FIRN_UNKNOWN, "%s: system error %d", what, number);
}
