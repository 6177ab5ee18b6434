/* ops/list_math.h: AddN and ZerosLike of tensor lists, element by element.
 *
 * The gradients of loops add lists up where a list was read more than once.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_LIST_MATH_H
#define FIRN_OPS_LIST_MATH_H

#include "ops/op.h"

/* Drivers of kernels for T = variant. Lists must be of one type and length; an
 * element that was never set counts as zeros, and stays unset when none is. */
firn_code firn_drive_add_lists(const firn_run *run, firn_error *err);
firn_code firn_drive_zero_list(const firn_run *run, firn_error *err);

#endif
