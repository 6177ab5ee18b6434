/* ops/micro/conv_parts.h: the convolutions that conv.c hands on. */
#ifndef FIRN_OPS_MICRO_CONV_PARTS_H
#define FIRN_OPS_MICRO_CONV_PARTS_H

#include "ops/micro/conv.h"

bool firn_winograd_pays(const firn_conv_shape *shape);
bool firn_winograd_pays_repacked(const firn_conv_shape *shape);
size_t firn_winograd_tiles(const firn_conv_shape *shape);
size_t firn_winograd_pack_size(const firn_conv_plan *plan);
void firn_winograd_pack(const firn_conv_plan *plan, const float *weights,
                        const float *scale, float *packed, firn_pool *pool);
size_t firn_winograd_workspace(const firn_conv_plan *plan, int threads);
void firn_winograd_run(const firn_conv_plan *plan, const float *x,
                       const float *packed, const firn_epilogue *epilogue,
                       float *y, size_t y_stride, void *scratch,
                       firn_pool *pool);

size_t firn_depthwise_pack_size(const firn_conv_plan *plan);
void firn_depthwise_pack(const firn_conv_plan *plan, const float *weights,
                         const float *scale, float *packed);
size_t firn_depthwise_workspace(const firn_conv_plan *plan);
void firn_depthwise_run(const firn_conv_plan *plan, const float *x,
                        const float *packed, const firn_epilogue *epilogue,
                        float *y, size_t y_stride, void *scratch,
                        firn_pool *pool);

#endif
