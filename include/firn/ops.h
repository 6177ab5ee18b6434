/* firn/ops.h: what firn can compute.
 *
 *   for (size_t i = 0; i < firn_ops_count(); i++)
 *     printf("%s\n", firn_ops_at(i).name);
 *
 * Ownership: all borrowed from the library.
 * Threads:   constant.
 */
#ifndef FIRN_OPS_H
#define FIRN_OPS_H

#include "firn/common.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One op that firn has. `types` is, for each type attr that its kernels look
 * at, the types they take, as a bit per firn_dtype. */
typedef struct firn_ops_entry {
  const char *name, *family;
  struct {
    const char *attr; /* NULL ends the list */
    uint64_t types;
  } types[5];
} firn_ops_entry;

/* The number of ops, and the i-th of them in name order. */
FIRN_API size_t firn_ops_count(void);
FIRN_API firn_ops_entry firn_ops_at(size_t i);

#ifdef __cplusplus
}
#endif

#endif
