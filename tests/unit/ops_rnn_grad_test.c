/* What TensorFlow's gradients of LSTMs do not look at, and read beyond its end
 * or abort: here it is refused, by the name of the input. */
#include "support/op_case.h"

enum { INPUTS = 18, SEQ_LEN_MAX = 0, WCI = 5, WCO = 7 };

static const struct {
  const char *name, *right, *wrong;
} inputs[INPUTS] = {
    {"seq_len_max", "int64 2", "int64[1] 2"},
    {"x", "float[2,1,3] 1", "float[2,2,3] 1"},
    {"cs_prev", "float[1,2] 1", "float[1,3] 1"},
    {"h_prev", "float[1,2] 1", "float[2,2] 1"},
    {"w", "float[5,8] 1", "float[5,4] 1"},
    {"wci", "float[2] 1", "float[1] 1"},
    {"wcf", "float[2] 1", "float[3] 1"},
    {"wco", "float[2] 1", "float[0]"},
    {"b", "float[8] 1", "float[7] 1"},
    {"i", "float[2,1,2] 1", "float[1,1,2] 1"},
    {"cs", "float[2,1,2] 1", "float[2,2,2] 1"},
    {"f", "float[2,1,2] 1", "float[2,1,1] 1"},
    {"o", "float[2,1,2] 1", "float[2,1,3] 1"},
    {"ci", "float[2,1,2] 1", "float[2,2] 1"},
    {"co", "float[2,1,2] 1", "float[3,1,2] 1"},
    {"h", "float[2,1,2] 1", "float[2,0,2]"},
    {"cs_grad", "float[2,1,2] 1", "float 1"},
    {"h_grad", "float[2,1,2] 1", "float[1,1,2] 1"},
};

static op_case right(const char *op) {
  op_case row = {.name = op, .op = op};
  for (size_t i = 0; i < INPUTS; i++) row.in[i] = inputs[i].right;
  return row;
}

static void refuses_each(const char *op, bool peephole) {
  for (size_t i = 0; i < INPUTS; i++) {
    op_case row = right(op);
    if (i >= WCI && i <= WCO && !peephole) continue; /* not looked at */
    row.in[i] = inputs[i].wrong;
    row.code = FIRN_INVALID_ARGUMENT;
    /* a batch is that of x and cs_prev; the cells are those of cs_prev */
    row.says = i == 1   ? "x has a batch of 2, cs_prev of 1"
               : i == 2 ? "h_prev"
                        : inputs[i].name;
    op_check(&row);
  }
}

TEST_FN(each_shape_is_held_against_the_others) {
  refuses_each("BlockLSTMGrad T=float use_peephole=true", true);
  refuses_each("BlockLSTMGrad T=float use_peephole=false", false);
  refuses_each("BlockLSTMGradV2 T=float use_peephole=true", true);
}

TEST_FN(a_length_is_one_of_x) {
  static const struct {
    const char *length, *says;
  } rows[] = {
      {"int64 3", "seq_len_max is 3, x has 2 steps"},
      {"int64 -1", "seq_len_max is -1, x has 2 steps"},
  };
  for (size_t i = 0; i < FIRN_COUNT(rows); i++) {
    op_case row = right("BlockLSTMGrad T=float use_peephole=false");
    row.in[SEQ_LEN_MAX] = rows[i].length;
    row.code = FIRN_INVALID_ARGUMENT;
    row.says = rows[i].says;
    op_check(&row);
  }
}

SUITE(ops_rnn_grad, TEST(each_shape_is_held_against_the_others),
      TEST(a_length_is_one_of_x));
