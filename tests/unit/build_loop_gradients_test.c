/* Gradients of loops of the first generation (Enter ... Exit): by variables,
 * twice, of ops that must not run again, and what is refused. Derivatives are
 * worked out by hand; loops that TensorFlow writes are compared with its. */
#include <math.h>

#include "build/gradient.h"
#include "firn/nn.h"
#include "firn/session.h"
#include "support/test.h"

static firn_output op1(firn_builder *b, const char *op, firn_output x) {
  firn_op_begin(b, op, NULL);
  firn_op_input(b, x);
  return firn_op_end(b);
}

static firn_output op2(firn_builder *b, const char *op, firn_output x,
                       firn_output y) {
  firn_op_begin(b, op, NULL);
  firn_op_input(b, x);
  firn_op_input(b, y);
  return firn_op_end(b);
}

static firn_output enter(firn_builder *b, firn_output x, bool constant) {
  firn_op_begin(b, "Enter", NULL);
  firn_op_input(b, x);
  firn_op_attr_string(b, "frame_name", "loop");
  firn_op_attr_bool(b, "is_constant", constant);
  return firn_op_end(b);
}

static firn_output merge(firn_builder *b, firn_output start) {
  const firn_output in = enter(b, start, false), both[] = {in, in};
  firn_op_begin(b, "Merge", NULL);
  firn_op_inputs(b, both, 2);
  return firn_op_end(b);
}

static void close_ring(firn_builder *b, firn_output merged, firn_output next) {
  firn_builder_rewire(b, merged.node, 1, op1(b, "NextIteration", next));
}

/* A loop of three rounds over x. */
typedef struct ring {
  firn_builder *b;
  firn_output merged, value, cond, result;
} ring;

static ring open_ring(firn_builder *b, firn_output x) {
  ring r = {.b = b};
  const firn_output three = enter(b, firn_const_int32(b, NULL, 3), true);
  const firn_output one = enter(b, firn_const_int32(b, NULL, 1), true);
  const firn_output i = merge(b, firn_const_int32(b, NULL, 0));
  r.merged = merge(b, x);
  r.cond = op1(b, "LoopCond", op2(b, "Less", i, three));
  const firn_output at = op2(b, "Switch", i, r.cond);
  close_ring(b, i, op2(b, "AddV2", firn_output_next(at, 1), one));
  const firn_output ways = op2(b, "Switch", r.merged, r.cond);
  r.value = op1(b, "Identity", firn_output_next(ways, 1));
  r.result = op1(b, "Exit", ways);
  return r;
}

/* One value of float each for what is listed, all of one run. */
static void fetch(firn_builder *b, const firn_output *of, size_t count,
                  float *out) {
  firn_error err = FIRN_ERROR_INIT;
  firn_session *s = NULL;
  const char *names[4];
  firn_tensor *got[4] = {NULL};
  const char *const first = firn_output_name(b, firn_nn_init(b, "init"));
  CHECK_OK(firn_builder_check(b, &err), &err);
  CHECK_OK(firn_session_new(firn_builder_graph(b), NULL, &s, &err), &err);
  CHECK_OK(firn_session_run(s, NULL, NULL, 0, NULL, 0, &first, 1, NULL, &err),
           &err);
  for (size_t i = 0; i < count; i++) {
    CHECK(of[i].node != FIRN_NO_NODE);
    names[i] = firn_output_name(b, of[i]);
  }
  CHECK_OK(firn_session_run(s, NULL, NULL, 0, names, count, NULL, 0, got, &err),
           &err);
  for (size_t i = 0; i < count; i++) {
    out[i] = *(const float *)got[i]->data;
    firn_tensor_release(got[i]);
  }
  firn_session_free(s);
}

static firn_builder *builder(void) {
  firn_builder *b = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_builder_new(NULL, &b, &err), &err);
  return b;
}

/* x w w w, where w is a variable that the loop reads. */
static firn_output power(firn_builder *b, firn_output x, firn_output w) {
  const ring r = open_ring(b, x);
  firn_op_begin(b, "ReadVariableOp", NULL);
  firn_op_input(b, enter(b, w, true));
  firn_op_attr_type(b, "dtype", FIRN_FLOAT);
  const firn_output read = firn_op_end(b);
  close_ring(b, r.merged, op2(b, "Mul", r.value, read));
  return r.result;
}

static firn_output variable(firn_builder *b, float value) {
  return firn_nn_variable(b, "w", FIRN_FLOAT, firn_shape_scalar(),
                          firn_init_constant(value));
}

TEST_FN(by_a_variable) {
  firn_builder *b = builder();
  float have[3];
  const firn_output x = firn_const_float(b, "x", 3), w = variable(b, 2);
  const firn_output y = power(b, x, w), xs[] = {x, w};
  firn_output of[3] = {y};
  firn_gradients(b, &y, 1, xs, 2, NULL, of + 1);
  fetch(b, of, 3, have);
  CHECK(have[0] == 24);
  CHECK(have[1] == 8);
  CHECK(have[2] == 36);
  firn_builder_free(b);
}

/* 3 x w w by x and by w: the loop's backward twin is a loop, too. */
TEST_FN(twice) {
  firn_builder *b = builder();
  float have[2];
  const firn_output x = firn_const_float(b, "x", 3), w = variable(b, 2);
  const firn_output y = power(b, x, w), xs[] = {x, w};
  firn_output dw, of[2];
  firn_gradients(b, &y, 1, &w, 1, NULL, &dw);
  firn_gradients(b, &dw, 1, xs, 2, NULL, of);
  fetch(b, of, 2, have);
  CHECK(have[0] == 12);
  CHECK(have[1] == 36);
  firn_builder_free(b);
}

/* x times three random numbers: by x it is what y is for one. */
TEST_FN(random_numbers_are_not_drawn_again) {
  firn_builder *b = builder();
  float have[2];
  const firn_output x = firn_const_float(b, "x", 1);
  const ring r = open_ring(b, x);
  firn_op_begin(b, "RandomUniform", NULL);
  firn_op_input(b, op1(b, "Shape", r.value));
  firn_op_attr_type(b, "dtype", FIRN_FLOAT);
  const firn_output random = firn_op_end(b);
  close_ring(b, r.merged, op2(b, "Mul", r.value, random));
  firn_output of[2] = {r.result};
  firn_gradients(b, &r.result, 1, &x, 1, NULL, &of[1]);
  fetch(b, of, 2, have);
  CHECK(have[0] > 0 && have[0] < 1);
  CHECK(fabs((double)have[0] - (double)have[1]) < 1e-6);
  firn_builder_free(b);
}

static void refuses(firn_builder *b, firn_output y, firn_output x,
                    const char *why) {
  firn_error err = FIRN_ERROR_INIT;
  firn_output dx;
  firn_gradients(b, &y, 1, &x, 1, NULL, &dx);
  CHECK_EQ(firn_builder_check(b, &err), FIRN_UNIMPLEMENTED);
  CHECK_STR(err.message, why);
  firn_error_clear(&err);
  firn_builder_free(b);
}

TEST_FN(the_inside_is_refused) {
  firn_builder *b = builder();
  const firn_output x = firn_const_float(b, "x", 3);
  const ring r = open_ring(b, x);
  const firn_output y = op1(b, "Neg", r.value);
  close_ring(b, r.merged, y);
  refuses(b, y, x, "gradients: 'Neg:0' is inside of loop 'loop'");
}

TEST_FN(an_op_inside_is_named) {
  firn_builder *b = builder();
  const firn_output x = firn_const_float(b, "x", 3);
  const ring r = open_ring(b, x);
  firn_op_begin(b, "PreventGradient", "wall");
  firn_op_input(b, r.value);
  close_ring(b, r.merged, firn_op_end(b));
  refuses(b, r.result, x,
          "node 'wall' (PreventGradient): this op has no gradient; it lies on "
          "the way from 'Exit:0' to 'x:0'");
}

TEST_FN(a_handle_that_changes_is_refused) {
  firn_builder *b = builder();
  const firn_output w = variable(b, 2);
  const ring r = open_ring(b, w);
  close_ring(b, r.merged, r.value);
  firn_op_begin(b, "ReadVariableOp", NULL);
  firn_op_input(b, r.result);
  firn_op_attr_type(b, "dtype", FIRN_FLOAT);
  refuses(b, firn_op_end(b), w,
          "loop 'loop' changes a handle: it has no gradient");
}

SUITE(build_loop_gradients, TEST(by_a_variable), TEST(twice),
      TEST(random_numbers_are_not_drawn_again), TEST(the_inside_is_refused),
      TEST(an_op_inside_is_named), TEST(a_handle_that_changes_is_refused));
