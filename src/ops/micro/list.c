/* ops/micro/list.c: the functions of one instruction set, in one place. */
#include "base/cpu.h"
#include "ops/micro/isa.h"

#define STRING2(x) #x
#define STRING(x) STRING2(x)

#define HALF(rows) [0][rows - 1] = FIRN_ISA_NAME(half_##rows),
#define FULL(rows) [1][rows - 1] = FIRN_ISA_NAME(full_##rows),
#define BINARY(id, name)                                     \
  [id] = {[FIRN_BOTH] = FIRN_ISA_NAME(name),                 \
          [FIRN_RIGHT_SCALAR] = FIRN_ISA_NAME(name##_right), \
          [FIRN_LEFT_SCALAR] = FIRN_ISA_NAME(name##_left)},
#define UNARY(id, name) [id] = FIRN_ISA_NAME(unary_##name),

const firn_micro FIRN_ISA_NAME(list) = {
    .name = STRING(FIRN_ISA),
#if defined(__AVX512F__)
    .needs = FIRN_CPU_AVX2 | FIRN_CPU_AVX512,
#elif defined(__AVX2__) && defined(__FMA__)
    .needs = FIRN_CPU_AVX2,
#endif
    .lanes = LANES,
    .mr = TILE_ROWS,
    .nr = 2 * LANES,
    .depth_block = 256,
    .tile = {FIRN_TILES(HALF) FIRN_TILES(FULL)},
    .row_times = FIRN_ISA_NAME(row_times),
    .row_dots = FIRN_ISA_NAME(row_dots),
    .depthwise = FIRN_ISA_NAME(depthwise),
    .winograd_in = FIRN_ISA_NAME(winograd_in),
    .winograd_out = FIRN_ISA_NAME(winograd_out),
    .winograd_back = FIRN_ISA_NAME(winograd_back),
    .winograd_filter = FIRN_ISA_NAME(winograd_filter),
    .binary = {FIRN_BINARIES(BINARY)},
    .unary = {FIRN_UNARIES(UNARY)},
    .clamp = FIRN_ISA_NAME(clamp),
    .multiply_add = FIRN_ISA_NAME(multiply_add),
    .row_sum = FIRN_ISA_NAME(row_sum),
    .row_max = FIRN_ISA_NAME(row_max),
    .softmax = FIRN_ISA_NAME(softmax),
    .log_softmax = FIRN_ISA_NAME(log_softmax),
    .max_window = FIRN_ISA_NAME(max_window),
    .mean_window = FIRN_ISA_NAME(mean_window),
};
