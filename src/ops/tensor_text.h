/* ops/tensor_text.h: tensors and what variants hold, as TensorFlow shows them
 * to people.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_TENSOR_TEXT_H
#define FIRN_OPS_TENSOR_TEXT_H

#include "ops/op.h"

/* As in a literal of C: what does not print in octal, UTF-8 as it is. */
void firn_text_escape(firn_buf *text, firn_str s);

/* Element i; a string as it is. */
void firn_text_element(firn_buf *text, const firn_tensor *x, size_t i);

/* The tensor, shortened to `most` elements (-1: all), strings escaped: [1 2
 * 3...], [[1 2][3...]...]. */
void firn_text_tensor(firn_buf *text, const firn_tensor *x, int64_t most);

/* Tensor<type: float shape: [2] values: 1 2>. */
void firn_text_described(firn_buf *text, const firn_tensor *x);

/* TensorFlow's own name of a type: "float", "half". */
const char *firn_text_type(firn_dtype dtype);

/* Variant<type: tensorflow::TensorList value: TensorList>; and its value alone.
 */
void firn_text_variant(firn_buf *text, const firn_object *object);
void firn_text_variant_value(firn_buf *text, const firn_object *object);

/* The values of an Optional and of a ragged tensor; false for another object.
 */
bool firn_text_optional(firn_buf *text, const firn_object *object);
bool firn_text_ragged(firn_buf *text, const firn_object *object);

#endif
