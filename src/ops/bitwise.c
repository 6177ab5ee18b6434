/* ops/bitwise.c: bits of integers: and, or, xor, not, shifts, counting.
 *
 * Shifts by less than nothing shift by nothing, shifts by more than the type
 * has bits by all of them but one.
 */
#include "ops/elementwise.h"

#define LEFT(a, b, UNSIGNED) ((num)((UNSIGNED)(a) << SHIFT(b)))
#define SHIFT(b) ((b) <= 0 ? 0 : (b) >= TOP ? TOP : (int)(b))
#define TOP ((int)(8 * sizeof(num)) - 1)

FIRN_INT_ROWS(FIRN_ROW2, bit_and, a &b)
FIRN_INT_ROWS(FIRN_ROW2, bit_or, a | b)
FIRN_INT_ROWS(FIRN_ROW2, bit_xor, a ^ b)
FIRN_INT_ROWS(FIRN_ROW2, left, LEFT(a, b, uint64_t))
FIRN_SIGNED_ROWS(FIRN_ROW2, right, a >> SHIFT(b))
FIRN_UNSIGNED_ROWS(FIRN_ROW2, right, a >> (b > TOP ? TOP : (int)b))
FIRN_INT_ROWS(FIRN_ROW1, bit_not, ~x)

#define COUNT(NAME, T, TY, EXPR) FIRN_ROW1(NAME, T, uint8_t, EXPR)
FIRN_UNSIGNED_ROWS(COUNT, count, __builtin_popcountll(x))

#define TABLE(ID)                 \
  {                               \
    .row = { FIRN_INT_TABLE(ID) } \
  }
static const firn_rows2 and_rows = TABLE(bit_and);
static const firn_rows2 or_rows = TABLE(bit_or);
static const firn_rows2 xor_rows = TABLE(bit_xor);
static const firn_rows2 left_rows = TABLE(left);
static const firn_rows2 right_rows = TABLE(right);
static const firn_rows1 not_rows = TABLE(bit_not);
static const firn_rows1 count_rows = {
    .row = {FIRN_UNSIGNED_TABLE(count), [FIRN_INT8] = count_u8,
            [FIRN_INT16] = count_u16, [FIRN_INT32] = count_u32,
            [FIRN_INT64] = count_u64}};

#define KERNEL(ID, MAKE)                                                 \
  static const firn_kernel ID##_kernels[] = {MAKE(FIRN_INTS, ID##_rows), \
                                             {.drive = NULL}};
KERNEL(and, FIRN_KERNEL2)
KERNEL(or, FIRN_KERNEL2)
KERNEL(xor, FIRN_KERNEL2)
KERNEL(left, FIRN_KERNEL2)
KERNEL(right, FIRN_KERNEL2)
KERNEL(not, FIRN_KERNEL1)
KERNEL(count, FIRN_KERNEL1)

static const firn_op ops[] = {
    {"BitwiseAnd", firn_infer_broadcast, and_kernels, FIRN_OP_IN_PLACE},
    {"BitwiseOr", firn_infer_broadcast, or_kernels, FIRN_OP_IN_PLACE},
    {"BitwiseXor", firn_infer_broadcast, xor_kernels, FIRN_OP_IN_PLACE},
    {"LeftShift", firn_infer_broadcast, left_kernels, FIRN_OP_IN_PLACE},
    {"RightShift", firn_infer_broadcast, right_kernels, FIRN_OP_IN_PLACE},
    {"Invert", firn_infer_same, not_kernels, FIRN_OP_IN_PLACE},
    {"PopulationCount", firn_infer_same, count_kernels, 0},
};

FIRN_OP_FAMILY(bitwise, ops);
