/* ops/tensor_text.c: tensors and what variants hold, as text for people. */
#include "ops/tensor_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ops/handle.h"
#include "ops/variant.h"

/* ---- Tensors ------------------------------------------------------------ */

/* As a literal of C: what does not print in octal, UTF-8 as it is. */
void firn_text_escape(firn_buf *text, firn_str s) {
  static const char named[] = "\n\r\t\"'\\", letters[] = "nrt\"'\\";
  for (size_t i = 0; i < s.size; i++) {
    const uint8_t c = (uint8_t)s.data[i];
    const char *at = c ? strchr(named, c) : NULL;
    if (at)
      firn_buf_printf(text, "\\%c", letters[at - named]);
    else if (c < 32 || c == 127)
      firn_buf_printf(text, "\\%03o", c);
    else
      firn_buf_printf(text, "%c", c);
  }
}

/* In 6 digits (double: 15), or in 9 (17) where those are not the number. */
static void put_real(firn_buf *text, double x, bool wide) {
  char number[40];
  snprintf(number, sizeof number, "%.*g", wide ? 15 : 6, x);
  const double back = wide ? strtod(number, NULL) : strtof(number, NULL);
  if (isnan(x))
    snprintf(number, sizeof number, "nan");
  else if (back != x)
    snprintf(number, sizeof number, "%.*g", wide ? 17 : 9, x);
  firn_buf_puts(text, number);
}

void firn_text_element(firn_buf *text, const firn_tensor *x, size_t i) {
  if (x->dtype == FIRN_STRING) {
    const firn_str s = firn_tstring_get((const firn_tstring *)x->data + i);
    firn_buf_append(text, s.data, s.size);
    return;
  }
  if (x->dtype == FIRN_COMPLEX64) {
    const float *z = (const float *)x->data + 2 * i;
    firn_buf_printf(text, "(%g,%g)", (double)z[0], (double)z[1]);
    return;
  }
  if (x->dtype == FIRN_COMPLEX128) {
    const double *z = (const double *)x->data + 2 * i;
    firn_buf_printf(text, "(%g,%g)", z[0], z[1]);
    return;
  }
  if (x->dtype == FIRN_VARIANT) {
    firn_buf_puts(text, "<");
    firn_text_variant_value(text, firn_object_at(x, i));
    firn_buf_puts(text, ">");
    return;
  }
  if (!firn_dtype_is_plain(x->dtype)) {
    firn_buf_printf(text, "<%s>", firn_dtype_name(x->dtype));
    return;
  }
  const bool integer =
      x->dtype < 64 && (FIRN_BIT(x->dtype) & (FIRN_INTS | FIRN_BIT(FIRN_BOOL)));
  if (integer && x->dtype == FIRN_UINT64)
    firn_buf_printf(text, "%llu", (unsigned long long)firn_tensor_i64(x, i));
  else if (integer)
    firn_buf_printf(text, "%lld", (long long)firn_tensor_i64(x, i));
  else
    put_real(text, firn_tensor_f64(x, i), x->dtype == FIRN_DOUBLE);
}

static void put_shown(firn_buf *text, const firn_tensor *x, size_t i) {
  if (x->dtype == FIRN_STRING)
    firn_text_escape(text, firn_tensor_string(x, i));
  else
    firn_text_element(text, x, i);
}

/* Prints one axis after another until `limit` elements are out. */
static void put_axis(firn_buf *text, const firn_tensor *x, int axis,
                     size_t limit, size_t *done) {
  const bool last = axis == x->shape.rank - 1;
  for (int64_t i = 0; i < x->shape.dims[axis]; i++) {
    if (*done >= limit) {
      if (last && axis > 0) firn_buf_puts(text, "...");
      return;
    }
    if (last) {
      if (i > 0) firn_buf_puts(text, " ");
      put_shown(text, x, (*done)++);
    } else {
      firn_buf_puts(text, "[");
      put_axis(text, x, axis + 1, limit, done);
      firn_buf_puts(text, "]");
    }
  }
}

static void put_shortened(firn_buf *text, const firn_tensor *x, int64_t most) {
  const size_t limit =
      most < 0 || (size_t)most > x->count ? x->count : (size_t)most;
  size_t done = 0;
  if (x->shape.rank == 0 && limit) put_shown(text, x, 0);
  if (x->shape.rank > 0) put_axis(text, x, 0, limit, &done);
  if (x->count > limit) firn_buf_puts(text, "...");
}

void firn_text_tensor(firn_buf *text, const firn_tensor *x, int64_t most) {
  firn_buf_puts(text, "[");
  put_shortened(text, x, most);
  firn_buf_puts(text, "]");
}

const char *firn_text_type(firn_dtype dtype) {
  switch (dtype) {
    case FIRN_FLOAT: return "float";
    case FIRN_DOUBLE: return "double";
    case FIRN_HALF: return "half";
    case FIRN_INVALID: return "INVALID";
    default: return firn_dtype_name(dtype);
  }
}

void firn_text_described(firn_buf *text, const firn_tensor *x) {
  enum { SHOWN = 3 };
  char shape[256];
  firn_buf_printf(text, "Tensor<type: %s shape: %s values: ",
                  firn_text_type(x->dtype), firn_shape_text(&x->shape, shape));
  const bool complex =
      x->dtype == FIRN_COMPLEX64 || x->dtype == FIRN_COMPLEX128;
  if (complex) {
    for (size_t i = 0; i < x->count && i < SHOWN; i++)
      firn_buf_puts(text, i ? " ?" : "?");
    if (x->count > SHOWN) firn_buf_puts(text, "...");
  } else if (x->count) {
    put_shortened(text, x, SHOWN);
  }
  firn_buf_puts(text, ">");
}

/* ---- Variants ----------------------------------------------------------- */

static bool is_a(const firn_object *object, const char *class) {
  return object && !strcmp(object->class->name, class);
}

static const char *variant_type(const firn_object *object) {
  if (is_a(object, "tensor")) return "tensorflow::Tensor";
  if (is_a(object, "tensor list")) return "tensorflow::TensorList";
  if (is_a(object, "tensor map")) return "tensorflow::TensorMap";
  if (is_a(object, "optional")) return "tensorflow::data::Optional";
  return is_a(object, "ragged tensor") ? "RaggedTensorVariant" : "";
}

void firn_text_variant_value(firn_buf *text, const firn_object *object) {
  const firn_tensor *tensor = firn_variant_tensor(object);
  if (tensor)
    firn_text_described(text, tensor);
  else if (is_a(object, "tensor list"))
    firn_buf_puts(text, "TensorList");
  else if (is_a(object, "tensor map"))
    firn_buf_puts(text, "TensorMap");
  else if (!firn_text_optional(text, object) && !firn_text_ragged(text, object))
    firn_buf_puts(text, object ? object->class->name : "");
}

void firn_text_variant(firn_buf *text, const firn_object *object) {
  firn_buf_printf(text, "Variant<type: %s value: ", variant_type(object));
  firn_text_variant_value(text, object);
  firn_buf_puts(text, ">");
}
