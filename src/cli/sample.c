/* cli/sample.c: a request that could be sent for a signature, with zeros in it.
 */
#include "cli/sample.h"

#include <string.h>

static int64_t extent(const firn_signature_tensor *input, int axis) {
  const int64_t n = input->shape.dims[axis];
  return n < 0 ? 1 : n;
}

uint64_t firn_sample_count(const firn_signature_tensor *input) {
  uint64_t count = 1;
  for (int i = 0; i < input->shape.rank; i++) {
    const uint64_t n = (uint64_t)extent(input, i);
    if (n > 1 && count > UINT64_MAX / n) return UINT64_MAX;
    if (n > 1) count *= n; /* empty lists are text, too */
  }
  return count;
}

/* Keys that end in _bytes take base64, as in TensorFlow Serving. */
static const char *zero_of(const firn_signature_tensor *input) {
  const size_t n = strlen(input->key);
  switch (input->dtype) {
    case FIRN_STRING:
      return n >= 6 && !strcmp(input->key + n - 6, "_bytes") ? "{\"b64\":\"\"}"
                                                             : "\"\"";
    case FIRN_BOOL: return "false";
    case FIRN_FLOAT:
    case FIRN_DOUBLE:
    case FIRN_HALF:
    case FIRN_BFLOAT16: return "0.0";
    case FIRN_COMPLEX64:
    case FIRN_COMPLEX128: return "{\"real\":0.0,\"imag\":0.0}";
    default: return "0";
  }
}

static void put_axis(FILE *out, const firn_signature_tensor *input, int axis) {
  if (axis >= input->shape.rank) {
    fputs(zero_of(input), out);
    return;
  }
  fputc('[', out);
  for (int64_t i = 0; i < extent(input, axis); i++) {
    if (i) fputc(',', out);
    put_axis(out, input, axis + 1);
  }
  fputc(']', out);
}

void firn_put_sample(FILE *out, const firn_signature_tensor *input) {
  put_axis(out, input, 0);
}

const char *firn_request_verb(const firn_signature *signature) {
  if (!strcmp(signature->method, "tensorflow/serving/classify"))
    return "classify";
  if (!strcmp(signature->method, "tensorflow/serving/regress"))
    return "regress";
  return "predict";
}

static void put_word(FILE *out, const char *word) {
  firn_print_json(out, (firn_str){word, strlen(word)});
}

void firn_put_request(FILE *out, const firn_signature *signature) {
  fputs("{\"signature_name\":", out);
  put_word(out, signature->key);
  if (strcmp(firn_request_verb(signature), "predict")) {
    /* The features are those that the graph parses out of an Example. */
    fputs(",\"examples\":[{\"FEATURE\":0.0}]}", out);
    return;
  }
  fputs(",\"inputs\":{", out);
  for (size_t i = 0; i < signature->input_count; i++) {
    if (i) fputc(',', out);
    put_word(out, signature->inputs[i].key);
    fputc(':', out);
    firn_put_sample(out, &signature->inputs[i]);
  }
  fputs("}}", out);
}
