/* tensor/tensor_proto.h: between firn_tensor and the TensorProto message.
 *
 * A TensorProto holds its elements either as raw bytes (tensor_content) or in a
 * typed field, where trailing repeats of the last value may be left out and no
 * value at all means zeros.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_TENSOR_PROTO_H
#define FIRN_TENSOR_PROTO_H

#include "proto/messages.h"
#include "tensor/tensor.h"

/* The shape message as a shape: unknown rank, -1 extents. INVALID_ARGUMENT for
 * an extent below -1, UNIMPLEMENTED for a rank above FIRN_MAX_RANK. A NULL
 * message is a scalar. */
FIRN_CHECKED firn_code firn_shape_from_proto(const firn_pb_TensorShapeProto *pb,
                                             firn_shape *out, firn_error *err);
FIRN_CHECKED firn_code firn_shape_to_proto(const firn_shape *shape,
                                           firn_arena *arena,
                                           firn_pb_TensorShapeProto **out,
                                           firn_error *err);

/* Dtype and shape of a TensorProto without its elements: checks that there is
 * such a type and that the shape is known. Works for resources and variants
 * too. */
FIRN_CHECKED firn_code firn_tensor_proto_look(const firn_pb_TensorProto *pb,
                                              firn_dtype *dtype,
                                              firn_shape *shape,
                                              firn_error *err);

/* The whole tensor. Never allocates more than the shape says, and refuses a
 * shape above limits->tensor_bytes. As TensorFlow does, takes the first of too
 * many values and lets tensor_content win. UNIMPLEMENTED for resources and
 * variants. */
FIRN_CHECKED firn_code firn_tensor_from_proto(const firn_pb_TensorProto *pb,
                                              const firn_env *env,
                                              firn_tensor **out,
                                              firn_error *err);

/* As TensorFlow's tensor_util.make_tensor_proto, hence as its frozen graphs:
 * most types as tensor_content when there are two elements or more, one element
 * and the other types (bool, complex, uint16, int4 ...) in typed fields,
 * strings as string_val. Elements are borrowed from the tensor, except those
 * that int_val widens. */
FIRN_CHECKED firn_code firn_tensor_to_proto(const firn_tensor *tensor,
                                            firn_arena *arena,
                                            firn_pb_TensorProto **out,
                                            firn_error *err);

/* The same with all elements in their typed fields, as V1 checkpoints have
 * them. */
FIRN_CHECKED firn_code firn_tensor_to_typed_proto(const firn_tensor *tensor,
                                                  firn_arena *arena,
                                                  firn_pb_TensorProto **out,
                                                  firn_error *err);

#endif
