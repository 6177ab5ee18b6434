/* The optimisers on reference variables, and what they refuse; their numbers
 * are those of tests/conformance/optimizer.cases. */
#include "support/op_case.h"

static const op_case steps[] = {
    {.name = "descent",
     .op = "ApplyGradientDescent T=float",
     .in = {"ref:float[2] 1 2", "float 0.5", "float[2] 2 -2"},
     .out = {"*"},
     .after = {"float[2] 0 3"}},
    {.name = "momentum changes both",
     .op = "ApplyMomentum T=float",
     .in = {"ref:float[2] 1 2", "ref:float[2] 2 4", "float 0.5", "float[2] 1 2",
            "float 0.5"},
     .out = {"*"},
     .after = {"float[2] 0 0", "float[2] 2 4"}},
    {.name = "an index twice takes effect twice, in order",
     .op = "SparseApplyProximalGradientDescent T=float Tindices=int32",
     .in = {"ref:float[3,1] 1 1 1", "float 1", "float 0", "float 0",
            "float[2,1] 2 4", "int32[2] 1 1"},
     .out = {"*"},
     .after = {"float[3,1] 1 -5 1"}},
    {.name = "rounds once",
     .op = "ApplyGradientDescent T=half",
     .in = {"ref:half[1] 1", "half 1", "half[1] 0.0001"},
     .out = {"*"},
     .after = {"half[1] 1"}},
};

TEST_FN(changes_reference_variables) {
  const op_case *row;
  EACH (row, steps) op_check(row);
}

static const op_case refused[] = {
    {.name = "a variable twice",
     .op = "ApplyMomentum T=float",
     .in = {"ref:float[1] 1", "ref:float[2] 1 1", "float 1", "float[1] 1",
            "float 1"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "the variable and slot 1"},
    {.name = "no value",
     .op = "ApplyGradientDescent T=float",
     .in = {"ref:float", "float 1", "float[1] 1"},
     .code = FIRN_FAILED_PRECONDITION,
     .says = "has no value yet"},
    {.name = "a rate by element",
     .op = "ApplyGradientDescent T=float",
     .in = {"ref:float[1] 1", "float[1] 1", "float[1] 1"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "alpha"},
    {.name = "another gradient",
     .op = "ApplyGradientDescent T=float",
     .in = {"ref:float[1] 1", "float 1", "float[2] 1 1"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "the variable and its gradient"},
    {.name = "rows of a scalar",
     .op = "SparseApplyAdagrad T=float Tindices=int32",
     .in = {"ref:float 1", "ref:float 1", "float 1", "float[1] 1",
            "int32[1] 0"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "gradient's rows"},
};

TEST_FN(refuses_what_does_not_fit) {
  const op_case *row;
  EACH (row, refused) op_check(row);
}

SUITE(ops_optimizer, TEST(changes_reference_variables),
      TEST(refuses_what_does_not_fit));
