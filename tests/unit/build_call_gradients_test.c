/* Gradients by variables that functions and loops read, and what is refused of
 * functions. Derivatives are worked out by hand. */
#include <math.h>

#include "build/gradient.h"
#include "firn/session.h"
#include "support/test.h"

#define T(name) "attr { key: '" name "' value { type: DT_FLOAT } } "
#define INT "attr { key: 'T' value { type: DT_INT32 } } "
#define READ(handle)                                             \
  "node_def { name: 'read' op: 'ReadVariableOp' input: '" handle \
  "' attr { "                                                    \
  "key: 'dtype' value { type: DT_FLOAT } } } "
#define TYPES(name, types) \
  "attr { key: '" name "' value { list { " types "} } } "
#define FUNC(name, function) \
  "attr { key: '" name "' value { func { name: '" function "' } } } "
#define IN(name, type) "input_arg { name: '" name "' type: " type " } "
#define OUT(name, type) "output_arg { name: '" name "' type: " type " } "
#define RET(name, value) "ret { key: '" name "' value: '" value "' } "

/* f(x, w) = x x w; g(x) = x random; a loop of three rounds: x = x w. */
static const char text[] =
    "library { "
    "function { signature { name: 'f' " IN("x", "DT_FLOAT") IN(
        "w", "DT_RESOURCE") OUT("y", "DT_FLOAT") "} " READ("w")
    "node_def { name: 's' op: 'Square' input: 'x' " T("T") "} "
    "node_def { name: 'm' op: 'Mul' input: 's:y:0' input: 'read:value:0' "
    T("T") "} " RET("y", "m:z:0") "} "
    "function { signature { name: 'g' " IN("x", "DT_FLOAT") OUT(
        "y", "DT_FLOAT") "} "
    "node_def { name: 'n' op: 'Shape' input: 'x' " T("T") "} "
    "node_def { name: 'r' op: 'RandomUniform' input: 'n:output:0' " INT
    T("dtype") "} "
    "node_def { name: 'm' op: 'Mul' input: 'x' input: 'r:output:0' " T("T")
    "} " RET("y", "m:z:0") "} "
    "function { signature { name: 'cond' " IN("i", "DT_INT32") IN(
        "x", "DT_FLOAT") IN("w", "DT_RESOURCE") OUT("c", "DT_BOOL") "} "
    "node_def { name: 'n' op: 'Const' attr { key: 'dtype' value { type: "
    "DT_INT32 } } attr { key: 'value' value { tensor { dtype: DT_INT32 "
    "tensor_shape { } int_val: 3 } } } } "
    "node_def { name: 'l' op: 'Less' input: 'i' input: 'n:output:0' " INT "} "
    RET("c", "l:z:0") "} "
    "function { signature { name: 'body' " IN("i", "DT_INT32") IN(
        "x", "DT_FLOAT") IN("w", "DT_RESOURCE") OUT("j", "DT_INT32") OUT(
        "y", "DT_FLOAT") OUT("v", "DT_RESOURCE") "} " READ("w")
    "node_def { name: 'one' op: 'Const' attr { key: 'dtype' value { type: "
    "DT_INT32 } } attr { key: 'value' value { tensor { dtype: DT_INT32 "
    "tensor_shape { } int_val: 1 } } } } "
    "node_def { name: 'a' op: 'AddV2' input: 'i' input: 'one:output:0' " INT
    "} "
    "node_def { name: 'm' op: 'Mul' input: 'x' input: 'read:value:0' " T("T")
    "} " RET("j", "a:z:0") RET("y", "m:z:0") RET("v", "w") "} } "
    "node { name: 'x' op: 'Const' " T("dtype")
    "attr { key: 'value' value { tensor { dtype: DT_FLOAT tensor_shape { } "
    "float_val: 3 } } } } "
    "node { name: 'zero' op: 'Const' attr { key: 'dtype' value { type: "
    "DT_INT32 } } attr { key: 'value' value { tensor { dtype: DT_INT32 "
    "tensor_shape { } int_val: 0 } } } } "
    "node { name: 'w' op: 'VarHandleOp' " T("dtype")
    "attr { key: 'shape' value { shape { } } } } "
    "node { name: 'two' op: 'Const' " T("dtype")
    "attr { key: 'value' value { tensor { dtype: DT_FLOAT tensor_shape { } "
    "float_val: 2 } } } } "
    "node { name: 'init' op: 'AssignVariableOp' input: 'w' input: 'two' "
    T("dtype") "} "
    "node { name: 'f' op: 'StatefulPartitionedCall' input: 'x' input: 'w' "
    TYPES("Tin", "type: DT_FLOAT type: DT_RESOURCE ")
    TYPES("Tout", "type: DT_FLOAT ") FUNC("f", "f") "} "
    "node { name: 'g' op: 'StatefulPartitionedCall' input: 'x' "
    TYPES("Tin", "type: DT_FLOAT ") TYPES("Tout", "type: DT_FLOAT ")
    FUNC("f", "g") "} "
    "node { name: 'loop' op: 'While' input: 'zero' input: 'x' input: 'w' "
    TYPES("T", "type: DT_INT32 type: DT_FLOAT type: DT_RESOURCE ")
    FUNC("cond", "cond") FUNC("body", "body") "} ";

static firn_builder *build(firn_graph **base) {
  firn_builder *b = NULL;
  firn_error err = FIRN_ERROR_INIT;
  const firn_bytes bytes = {(const uint8_t *)text, sizeof text - 1};
  CHECK_OK(firn_graph_parse(bytes, NULL, base, &err), &err);
  CHECK_OK(firn_builder_on(*base, NULL, &b, &err), &err);
  return b;
}

/* The derivatives of y, or of that by w, by x, which is 3, and by w, which
 * is 2. */
static void check(const char *name, bool twice, double by_x, double by_w) {
  firn_graph *base = NULL;
  firn_builder *b = build(&base);
  firn_error err = FIRN_ERROR_INIT;
  firn_session *s = NULL;
  firn_output y = firn_output_named(b, name);
  const firn_output xs[] = {firn_output_named(b, "x"),
                            firn_output_named(b, "w")};
  firn_output dxs[2];
  firn_tensor *out[2] = {NULL, NULL};
  const char *const init = "init";
  const firn_output once = y;
  if (twice) firn_gradients(b, &once, 1, &xs[1], 1, NULL, &y);
  firn_gradients(b, &y, 1, xs, 2, NULL, dxs);
  CHECK_OK(firn_builder_check(b, &err), &err);
  CHECK(dxs[0].node != FIRN_NO_NODE && dxs[1].node != FIRN_NO_NODE);
  CHECK_OK(firn_session_new(firn_builder_graph(b), NULL, &s, &err), &err);
  CHECK_OK(firn_session_run(s, NULL, NULL, 0, NULL, 0, &init, 1, NULL, &err),
           &err);
  const char *const names[] = {firn_output_name(b, dxs[0]),
                               firn_output_name(b, dxs[1])};
  CHECK_OK(firn_session_run(s, NULL, NULL, 0, names, 2, NULL, 0, out, &err),
           &err);
  CHECK(fabs((double)*(float *)out[0]->data - by_x) < 1e-5);
  CHECK(fabs((double)*(float *)out[1]->data - by_w) < 1e-5);
  firn_tensor_release(out[0]);
  firn_tensor_release(out[1]);
  firn_session_free(s);
  firn_builder_free(b);
  firn_graph_free(base);
}

TEST_FN(by_what_a_function_reads) { check("f", false, 2 * 3 * 2, 3 * 3); }

/* x w w w */
TEST_FN(by_what_a_loop_reads) { check("loop:1", false, 8, 3 * 3 * 2 * 2); }

/* 3 x w w */
TEST_FN(a_loop_twice) { check("loop:1", true, 3 * 2 * 2, 2 * 3 * 3 * 2); }

TEST_FN(random_numbers_are_not_drawn_again) {
  firn_graph *base = NULL;
  firn_builder *b = build(&base);
  firn_error err = FIRN_ERROR_INIT;
  const firn_output y = firn_output_named(b, "g");
  const firn_output x = firn_output_named(b, "x");
  firn_output dx;
  firn_gradients(b, &y, 1, &x, 1, NULL, &dx);
  CHECK_EQ(firn_builder_check(b, &err), FIRN_UNIMPLEMENTED);
  CHECK(strstr(err.message, "function 'g'") != NULL);
  CHECK(strstr(err.message, "node 'r' (RandomUniform)") != NULL);
  firn_error_clear(&err);
  firn_builder_free(b);
  firn_graph_free(base);
}

/* Functions f0 to f20 each call the next one twice, or all themselves. */
static void refuses_many(bool itself) {
  char many[16384];
  size_t at = 0;
  firn_graph *base = NULL;
  firn_builder *b = NULL;
  firn_error err = FIRN_ERROR_INIT;
  firn_output dx;
#define PUT(...) \
  at += (size_t)snprintf(many + at, sizeof many - at, __VA_ARGS__)
  PUT("library { ");
  for (int i = 0; i < 21; i++) {
    PUT("function { signature { name: 'f%d' " IN("x", "DT_FLOAT")
            OUT("y", "DT_FLOAT") "} ",
        i);
    for (int k = 0; k < 2; k++)
      PUT("node_def { name: 'c%d' op: 'PartitionedCall' input: '%s' " TYPES(
              "Tin", "type: DT_FLOAT ") TYPES("Tout", "type: DT_FLOAT ")
              FUNC("f", "f%d") "} ",
          k, k ? "c0:output:0" : "x",
          itself   ? i
          : i < 20 ? i + 1
                   : 21);
    PUT(RET("y", "c1:output:0") "} ");
  }
  PUT("function { signature { name: 'f21' " IN("x", "DT_FLOAT")
          OUT("y", "DT_FLOAT") "} node_def { name: 'n' op: 'Neg' input: 'x' " T(
              "T") "} " RET("y", "n:y:0") "} } ");
  PUT("node { name: 'x' op: 'Placeholder' " T("dtype") "} "
      "node { name: 'y' op: 'PartitionedCall' input: 'x' "
      TYPES("Tin", "type: DT_FLOAT ") TYPES("Tout", "type: DT_FLOAT ")
      FUNC("f", "f0") "} ");
  CHECK(at < sizeof many);
  const firn_bytes bytes = {(const uint8_t *)many, at};
  CHECK_OK(firn_graph_parse(bytes, NULL, &base, &err), &err);
  CHECK_OK(firn_builder_on(base, NULL, &b, &err), &err);
  const firn_output x = firn_output_named(b, "x");
  const firn_output y = firn_output_named(b, "y");
  firn_gradients(b, &y, 1, &x, 1, NULL, &dx);
  CHECK_EQ(firn_builder_check(b, &err), FIRN_RESOURCE_EXHAUSTED);
  firn_error_clear(&err);
  firn_builder_free(b);
  firn_graph_free(base);
}

TEST_FN(calls_without_end_are_refused) { refuses_many(true); }

TEST_FN(calls_that_double_are_refused) { refuses_many(false); }

SUITE(build_call_gradients, TEST(by_what_a_function_reads),
      TEST(by_what_a_loop_reads), TEST(a_loop_twice),
      TEST(random_numbers_are_not_drawn_again),
      TEST(calls_without_end_are_refused), TEST(calls_that_double_are_refused));
