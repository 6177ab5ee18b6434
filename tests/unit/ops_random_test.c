/* Random numbers are TensorFlow's, whichever way an op is told where to start.
 */
#include "support/op_case.h"

/* Written by oracle/random_cases.py. */
TEST_FN(numbers_are_tensorflows) {
  CHECK(op_check_file("tests/golden/ops/random.txt") > 100);
}

TEST_FN(bad_requests_are_refused) {
  static const op_case rows[] =
      {
          {.name = "negative extent",
           .op = "RandomUniform dtype=float T=int32 seed=1",
           .in = {"int32[2] 2 -1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "without negative extents"},
          {.name = "empty range",
           .op = "RandomUniformInt Tout=int32 T=int32 seed=1",
           .in = {"int32[1] 2", "int32 5", "int32 5"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "minval 5 must be below maxval 5"},
          {.name = "no elements, no complaint",
           .op = "RandomUniformInt Tout=int32 T=int32 seed=1",
           .in = {"int32[1] 0", "int32 5", "int32 5"},
           .out = {"int32[0]"}},
          {.name = "seed of three",
           .op = "StatelessRandomUniform dtype=float Tseed=int32",
           .in = {"int32[1] 2", "int32[3] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "seed must have shape [2], not [3]"},
          {.name = "ThreeFry",
           .op = "StatelessRandomUniformV2 dtype=float",
           .in = {"int32[1] 2", "uint64[1] 1", "uint64[2] 1", "int32 2"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "algorithm 2 is not supported"},
          {.name = "short state",
           .op = "StatefulUniform dtype=float shape_dtype=int32",
           .in = {"res:int64[2] 1", "int64 1", "int32[1] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the state must be a vector of 3 int64, is int64 [2]"},
          {.name = "parameters do not end the shape",
           .op = "StatelessRandomPoisson dtype=float Rtype=float T=int32 "
                 "Tseed=int32",
           .in = {"int32[1] 3", "int32[2] 1", "float[2] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the shape [3] must end with that of the parameters, [2]"},
          {.name = "no deviation",
           .op = "ParameterizedTruncatedNormal dtype=float T=int32 seed=1",
           .in = {"int32[1] 3", "float 0", "float 0", "float 0", "float 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the deviation 0 must be above 0"},
          {.name = "no classes",
           .op = "Multinomial T=float seed=1",
           .in = {"float[2,0]", "int32 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "logits have no classes"},
          {.name = "index above its limit",
           .op = "RandomIndexShuffle dtype=int32 Tseed=int32",
           .in = {"int32 7", "int32[3] 1 2 3", "int32 5"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "index 7 is above max_index 5"},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

static float first_of(op_rig *rig) {
  op_run(rig, 0);
  CHECK_OK(rig->code, &rig->err);
  return ((float *)rig->out[0]->data)[0];
}

TEST_FN(without_seeds_no_two_sessions_are_alike) {
  const char *in[] = {"int32[1] 1", NULL};
  op_rig a, b;
  op_open(&a, "RandomUniform dtype=float T=int32", in);
  op_open(&b, "RandomUniform dtype=float T=int32", in);
  int same = 0;
  for (int i = 0; i < 8; i++) same += first_of(&a) == first_of(&b);
  CHECK(same < 8);
  op_close(&a);
  op_close(&b);
}

SUITE(ops_random, TEST(numbers_are_tensorflows), TEST(bad_requests_are_refused),
      TEST(without_seeds_no_two_sessions_are_alike));
