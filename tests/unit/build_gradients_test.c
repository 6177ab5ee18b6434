/* Derivatives that firn_gradients finds against differences of the function
 * itself, in double. Op by op TensorFlow is asked. */
#include <math.h>

#include "build/gradient.h"
#include "firn/session.h"
#include "support/test.h"

static firn_output number(firn_builder *b, const char *name, int rank,
                          const int64_t *dims) {
  firn_tensor *t = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_tensor_new(FIRN_DOUBLE, rank, dims, NULL, &t, &err), &err);
  for (size_t i = 0; i < t->count; i++)
    ((double *)t->data)[i] = (double)test_uniform();
  const firn_output x = firn_const(b, name, t);
  firn_tensor_release(t);
  return x;
}

static firn_output op2(firn_builder *b, const char *op, firn_output x,
                       firn_output y) {
  firn_op_begin(b, op, NULL);
  firn_op_input(b, x);
  firn_op_input(b, y);
  return firn_op_end(b);
}
static firn_output op1(firn_builder *b, const char *op, firn_output x) {
  firn_op_begin(b, op, NULL);
  firn_op_input(b, x);
  return firn_op_end(b);
}

static firn_tensor *fetch(firn_session *s, firn_builder *b,
                          const firn_feed *feed, firn_output o) {
  const char *const name = firn_output_name(b, o);
  firn_tensor *t = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_session_run(s, NULL, feed, feed ? 1 : 0, &name, 1, NULL, 0, &t,
                            &err),
           &err);
  return t;
}

/* dx against (y(x + h) - y(x - h)) / 2h, element by element. */
static void check_differences(firn_builder *b, firn_output y, firn_output x) {
  firn_error err = FIRN_ERROR_INIT;
  firn_session *s = NULL;
  firn_output dx;
  const double h = 1e-5;
  firn_gradients(b, &y, 1, &x, 1, NULL, &dx);
  CHECK_OK(firn_builder_check(b, &err), &err);
  CHECK(dx.node != FIRN_NO_NODE);
  CHECK_OK(firn_session_new(firn_builder_graph(b), NULL, &s, &err), &err);
  firn_tensor *have = fetch(s, b, NULL, dx), *at = fetch(s, b, NULL, x);
  CHECK_EQ(have->count, at->count);
  for (size_t i = 0; i < at->count; i++) {
    double value[2];
    for (int side = 0; side < 2; side++) {
      firn_tensor *moved = NULL;
      CHECK_OK(firn_tensor_copy(at, NULL, &moved, &err), &err);
      ((double *)moved->data)[i] += side ? h : -h;
      const firn_feed feed = {firn_output_name(b, x), moved};
      firn_tensor *t = fetch(s, b, &feed, y);
      value[side] = *(double *)t->data;
      firn_tensor_release(t);
      firn_tensor_release(moved);
    }
    const double want = (value[1] - value[0]) / (2 * h);
    CHECK(fabs(((double *)have->data)[i] - want) < 1e-7);
  }
  firn_tensor_release(have);
  firn_tensor_release(at);
  firn_session_free(s);
}

static firn_builder *builder(void) {
  firn_builder *b = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_builder_new(NULL, &b, &err), &err);
  test_seed(7);
  return b;
}

static firn_output sum(firn_builder *b, firn_output x) {
  const int32_t axes[] = {0, 1};
  return op2(b, "Sum", x, firn_const_ints(b, NULL, axes, 2));
}

/* Two layers; the weights of the first are reached by two ways. */
TEST_FN(a_small_net) {
  firn_builder *b = builder();
  const firn_output x = number(b, "x", 2, (int64_t[]){5, 3});
  const firn_output w = number(b, "w", 2, (int64_t[]){3, 4});
  const firn_output c = number(b, "c", 1, (int64_t[]){4});
  const firn_output hidden =
      op1(b, "Tanh", op2(b, "AddV2", op2(b, "MatMul", x, w), c));
  const firn_output norm = sum(b, op1(b, "Square", w));
  const firn_output y = op2(b, "AddV2", sum(b, op1(b, "Softmax", hidden)),
                            op2(b, "Mul", norm, sum(b, hidden)));
  const firn_output of[] = {x, w, c};
  for (size_t i = 0; i < 3; i++) check_differences(b, y, of[i]);
  firn_builder_free(b);
}

TEST_FN(what_nothing_depends_on_has_none) {
  firn_builder *b = builder();
  firn_error err = FIRN_ERROR_INIT;
  const firn_output x = number(b, "x", 2, (int64_t[]){2, 2});
  const firn_output other = number(b, "other", 2, (int64_t[]){2, 2});
  const firn_output y = sum(b, op1(b, "Floor", x));
  const firn_output of[] = {x, other};
  firn_output dx[2];
  firn_gradients(b, &y, 1, of, 2, NULL, dx);
  CHECK_OK(firn_builder_check(b, &err), &err);
  CHECK_EQ(dx[0].node, FIRN_NO_NODE);
  CHECK_EQ(dx[1].node, FIRN_NO_NODE);
  firn_builder_free(b);
}

TEST_FN(an_op_without_gradient_is_named) {
  firn_builder *b = builder();
  firn_error err = FIRN_ERROR_INIT;
  const firn_output x = number(b, "x", 2, (int64_t[]){2, 2});
  const firn_output y = sum(b, op1(b, "BesselI1", op1(b, "Neg", x)));
  firn_output dx;
  firn_op_begin(b, "PreventGradient", "wall");
  firn_op_input(b, y);
  const firn_output wall = firn_op_end(b);
  firn_gradients(b, &wall, 1, &x, 1, NULL, &dx);
  CHECK_EQ(firn_builder_check(b, &err), FIRN_UNIMPLEMENTED);
  CHECK_STR(err.message,
            "node 'wall' (PreventGradient): this op has no gradient; it lies "
            "on the way from 'wall:0' to 'x:0'");
  firn_error_clear(&err);
  firn_builder_free(b);
}

/* The issue promises 150. */
TEST_FN(many_ops_have_one) {
  size_t count = 0;
  for (size_t i = 0; i < firn_opdef_count(); i++) {
    const firn_grad_rule *r = firn_grad_find(firn_opdef_name(i));
    count += r && r->rule;
  }
  CHECK(count >= 150);
}

SUITE(build_gradients, TEST(a_small_net),
      TEST(what_nothing_depends_on_has_none),
      TEST(an_op_without_gradient_is_named), TEST(many_ops_have_one));
