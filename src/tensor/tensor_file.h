/* tensor/tensor_file.h: the file formats that a tensor can come from and go to.
 *
 * Each format reads bytes that somebody else keeps alive and makes a new
 * tensor; none of them knows paths. firn_tensor_read tells them apart and adds
 * the path to their messages.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_TENSOR_FILE_H
#define FIRN_TENSOR_FILE_H

#include "base/json.h"
#include "proto/proto.h"
#include "tensor/tensor.h"

/* ---- .npy --------------------------------------------------------------- */

bool firn_npy_is(firn_bytes file);

/* Versions 1 to 3, any byte order, C and Fortran order; fixed strings lose
 * their trailing NULs, UCS-4 becomes UTF-8. `want` chooses among the types that
 * .npy lacks (see firn_tensor_read), and a quantised type where the storage
 * agrees. */
FIRN_CHECKED firn_code firn_npy_parse(firn_bytes file, firn_dtype want,
                                      const firn_env *env, firn_tensor **out,
                                      firn_error *err);

/* What numpy.save writes. Strings become |S and must not end in NUL, since .npy
 * cannot tell such an end from padding: INVALID_ARGUMENT. */
FIRN_CHECKED firn_code firn_npy_write(const firn_tensor *tensor, firn_sink sink,
                                      firn_error *err);

/* ---- .npz (zip) --------------------------------------------------------- */

bool firn_npz_is(firn_bytes file);

/* Member `name`, with or without ".npy"; an empty name stands for the only
 * member. NOT_FOUND lists what there is. */
FIRN_CHECKED firn_code firn_npz_parse(firn_bytes file, firn_str name,
                                      firn_dtype want, const firn_env *env,
                                      firn_tensor **out, firn_error *err);

FIRN_CHECKED firn_code firn_npz_write(size_t count, const char *const *names,
                                      const firn_tensor *const *tensors,
                                      firn_sink sink, firn_error *err);

/* ---- JSON --------------------------------------------------------------- */

/* Nested lists of equal length; numbers, or bools, or strings and {"b64": ...},
 * or for complex types {"real": ..., "imag": ...}. */
FIRN_CHECKED firn_code firn_json_tensor_parse(firn_bytes text, firn_dtype want,
                                              const firn_env *env,
                                              firn_tensor **out,
                                              firn_error *err);

/* The same of a value that is already parsed. */
FIRN_CHECKED firn_code firn_json_tensor(const firn_json *json, firn_dtype want,
                                        const firn_env *env, firn_tensor **out,
                                        firn_error *err);

/* Appends the tensor on one line. A float always has a point, an exponent or a
 * name, so that it is read as a float again. buf->failed tells of lack of
 * memory. */
void firn_json_tensor_put(const firn_tensor *tensor, firn_buf *buf);

/* ---- Images ------------------------------------------------------------- */

bool firn_png_is(firn_bytes file);
bool firn_jpeg_is(firn_bytes file);

/* uint8 [height,width,channels] as TensorFlow's DecodePng and DecodeJpeg give
 * with their defaults; `channels` 0 means the file's own number, else 1, 3 or 4
 * (4: PNG only). UNIMPLEMENTED when firn was built without the library. */
FIRN_CHECKED firn_code firn_png_parse(firn_bytes file, int channels,
                                      const firn_env *env, firn_tensor **out,
                                      firn_error *err);
FIRN_CHECKED firn_code firn_jpeg_parse(firn_bytes file, int channels,
                                       const firn_env *env, firn_tensor **out,
                                       firn_error *err);

#endif
