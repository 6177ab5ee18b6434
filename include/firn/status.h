/* firn/status.h: how every firn call reports failure.
 *
 * A call that can fail returns a firn_code and takes a firn_error last. The
 * code is for programs to branch on, the message is for people to read: one
 * sentence that names the file, the node or tensor, what was found and what was
 * wanted. Where several things are wrong at once (missing keys, unsupported
 * ops), the message sums up and the further lines name them all. Pass NULL when
 * only the code matters.
 *
 *   firn_error err = FIRN_ERROR_INIT;
 *   if (firn_model_open("frozen.pb", NULL, NULL, &model, &err) != FIRN_OK)
 *     fprintf(stderr, "%s\n", err.message);
 *   firn_error_clear(&err);
 *
 * The numbers are the canonical ones of TensorFlow and gRPC, so that a C API
 * shim or a server can hand them on untouched.
 *
 * Ownership: an error belongs to the caller, starts out zero and may be used
 *            again; its further lines are freed by firn_error_clear.
 * Threads:   confined.
 */
#ifndef FIRN_STATUS_H
#define FIRN_STATUS_H

#include "firn/common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum firn_code {
  FIRN_OK = 0,
  FIRN_CANCELLED = 1,
  FIRN_UNKNOWN = 2,
  FIRN_INVALID_ARGUMENT = 3, /* the request or the file makes no sense      */
  FIRN_DEADLINE_EXCEEDED = 4,
  FIRN_NOT_FOUND = 5, /* no such file, node, tensor, signature              */
  FIRN_ALREADY_EXISTS = 6,
  FIRN_PERMISSION_DENIED = 7,
  FIRN_RESOURCE_EXHAUSTED = 8,  /* memory, disk, or a limit the caller set  */
  FIRN_FAILED_PRECONDITION = 9, /* right call, wrong moment                 */
  FIRN_ABORTED = 10,
  FIRN_OUT_OF_RANGE = 11,
  FIRN_UNIMPLEMENTED = 12, /* valid TensorFlow, not yet in firn             */
  FIRN_INTERNAL = 13,      /* a bug in firn                                 */
  FIRN_UNAVAILABLE = 14,   /* not now: try again                            */
  FIRN_DATA_LOSS = 15,     /* the bytes are damaged                         */
  FIRN_UNAUTHENTICATED = 16,
} firn_code;

typedef struct firn_error {
  firn_code code;
  char message[508];
  struct firn_error_lines *lines; /* further lines, or NULL: see below */
} firn_error;

#define FIRN_ERROR_INIT \
  { FIRN_OK, {0}, 0 }

/* Records a failure where it is detected, and returns `code`. Whatever the
 * error held before is forgotten. A message that is too long is cut at the end
 * and marked "...". */
FIRN_API firn_code firn_fail(firn_error *err, firn_code code, const char *fmt,
                             ...) FIRN_PRINTF(3, 4);

/* Says what was being attempted: puts "<context>: " in front of the message
 * that came up from below, and returns `code` unchanged. */
FIRN_API firn_code firn_while(firn_error *err, firn_code code, const char *fmt,
                              ...) FIRN_PRINTF(3, 4);

/* Adds one further line to an error already recorded. */
FIRN_API void firn_error_add(firn_error *err, const char *fmt, ...)
    FIRN_PRINTF(2, 3);

/* The number of further lines, and the i-th of them (terminated, borrowed). */
FIRN_API size_t firn_error_count(const firn_error *err);
FIRN_API const char *firn_error_line(const firn_error *err, size_t i);

/* Frees the further lines and makes the error FIRN_OK again. NULL is fine. */
FIRN_API void firn_error_clear(firn_error *err);

/* "INVALID_ARGUMENT" and so on; never NULL. */
FIRN_API const char *firn_code_name(firn_code code);

/* Passes a failure straight up. Only for functions that hold nothing to
 * release: scratch belongs to an arena, the rest takes the `goto done` form. */
#define FIRN_TRY(call)                  \
  do {                                  \
    const firn_code code_ = (call);     \
    if (code_ != FIRN_OK) return code_; \
  } while (0)

#ifdef __cplusplus
}
#endif

#endif
