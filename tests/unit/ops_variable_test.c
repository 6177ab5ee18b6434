/* What the ops on variables promise, by reference and by resource handle. */
#include "support/op_case.h"

TEST_FN(variables_are_read) {
  static const op_case rows[] =
      {
          {.name = "ReadVariableOp",
           .op = "ReadVariableOp dtype=float",
           .in = {"res:float[2] 1 2"},
           .out = {"float[2] 1 2"}},
          {.name = "before its first value",
           .op = "ReadVariableOp dtype=float",
           .in = {"res:float"},
           .code = FIRN_FAILED_PRECONDITION,
           .says = "node 'x' (ReadVariableOp): variable 'in0' has no value "
                   "yet: run "
                   "its initialiser or restore a checkpoint first"},
          {.name = "as another type",
           .op = "ReadVariableOp dtype=int32",
           .in = {"res:float 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the variable is float32, attr 'dtype' int32"},
          {.name = "_ReadVariablesOp",
           .op = "_ReadVariablesOp N=2 dtypes=[float,int64]",
           .in = {"res:float 1", "res:int64[2] 3 4"},
           .out = {"float 1", "int64[2] 3 4"}},
          {.name = "VariableShape",
           .op = "VariableShape",
           .in = {"res:float[2,3] 0"},
           .out = {"int32[2] 2 3"}},
          {.name = "VariableShape as int64",
           .op = "VariableShape out_type=int64",
           .in = {"res:string 'a'"},
           .out = {"int64[0]"}},
          {.name = "initialised",
           .op = "IsVariableInitialized dtype=float",
           .in = {"ref:float 1"},
           .out = {"bool true"}},
          {.name = "not initialised",
           .op = "IsVariableInitialized dtype=float",
           .in = {"ref:float"},
           .out = {"bool false"}},
          {.name = "resource initialised",
           .op = "VarIsInitializedOp",
           .in = {"res:float 1"},
           .out = {"bool true"}},
          {.name = "resource not initialised",
           .op = "VarIsInitializedOp",
           .in = {"res:float"},
           .out = {"bool false"}},
          {.name = "the end of a temporary",
           .op = "DestroyTemporaryVariable T=float var_name='t'",
           .in = {"ref:float[2] 1 2"},
           .out = {"float[2] 1 2"}},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

TEST_FN(variables_are_assigned) {
  static const op_case rows[] =
      {
          {.name = "Assign",
           .op = "Assign T=float",
           .in = {"ref:float", "float[2] 1 2"},
           .after = {"float[2] 1 2"}},
          {.name = "Assign checks the shape",
           .op = "Assign T=float",
           .in = {"ref:float[3] 1", "float[2] 1 2"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the variable and its new value: shapes [3] and [2] differ",
           .after = {"float[3] 1"}},
          {.name = "unless told not to",
           .op = "Assign T=float validate_shape=false",
           .in = {"ref:float[3] 1", "float[2] 1 2"},
           .after = {"float[2] 1 2"}},
          {.name = "Assign wants a variable",
           .op = "Assign T=float",
           .in = {"float 1", "float 2"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "input 0 ('ref') must be a variable, is a plain float32"},
          {.name = "strings",
           .op = "Assign T=string",
           .in = {"ref:string[1] 'a'", "string[1] 'b'"},
           .after = {"string[1] 'b'"}},
          {.name = "AssignAdd",
           .op = "AssignAdd T=int32",
           .in = {"ref:int32[2] 1 2", "int32[2] 10 2147483647"},
           .after = {"int32[2] 11 -2147483647"}},
          {.name = "AssignSub",
           .op = "AssignSub T=half",
           .in = {"ref:half[2] 1 2", "half[2] 0.5 4"},
           .after = {"half[2] 0.5 -2"}},
          {.name = "AssignSub checks the shape",
           .op = "AssignSub T=float",
           .in = {"ref:float[2] 1", "float 4"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "shapes [2] and [] differ"},
          {.name = "AssignVariableOp",
           .op = "AssignVariableOp dtype=float",
           .in = {"res:float", "float[2] 1 2"},
           .after = {"float[2] 1 2"}},
          {.name = "of another type",
           .op = "AssignVariableOp dtype=int32",
           .in = {"res:float 1", "int32 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the variable is float32, attr 'dtype' int32"},
          {.name = "of another shape",
           .op = "AssignVariableOp dtype=float",
           .in = {"res:float[2] 1", "float[3] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "shapes [2] and [3] differ"},
          {.name = "AssignAddVariableOp",
           .op = "AssignAddVariableOp dtype=complex64",
           .in = {"res:complex64 1,2", "complex64 1,-5"},
           .after = {"complex64 2,-3"}},
          {.name = "AssignSubVariableOp",
           .op = "AssignSubVariableOp dtype=uint8",
           .in = {"res:uint8[2] 1 2", "uint8[2] 2 1"},
           .after = {"uint8[2] 255 1"}},
          {.name = "adding before the first value",
           .op = "AssignAddVariableOp dtype=float",
           .in = {"res:float", "float 1"},
           .code = FIRN_FAILED_PRECONDITION,
           .says = "'in0' has no value yet"},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

TEST_FN(counters_stop) {
  static const op_case rows[] =
      {
          {.name = "CountUpTo",
           .op = "CountUpTo T=int32 limit=8",
           .in = {"ref:int32 7"},
           .out = {"int32 7"},
           .after = {"int32 8"}},
          {.name = "at the limit",
           .op = "CountUpTo T=int64 limit=8",
           .in = {"ref:int64 8"},
           .code = FIRN_OUT_OF_RANGE,
           .says = "the counter has reached 8",
           .after = {"int64 8"}},
          {.name = "ResourceCountUpTo",
           .op = "ResourceCountUpTo T=int64 limit=8",
           .in = {"res:int64 1"},
           .out = {"int64 1"},
           .after = {"int64 2"}},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

TEST_FN(rows_are_scattered) {
  static const op_case rows[] =
      {
          {.name = "ScatterUpdate",
           .op = "ScatterUpdate T=float Tindices=int32",
           .in = {"ref:float[3,2] 0", "int32[2] 2 0", "float[2,2] 1.."},
           .after = {"float[3,2] 3 4 0 0 1 2"}},
          {.name = "one update for all",
           .op = "ScatterAdd T=float Tindices=int64",
           .in = {"ref:float[2,2] 1", "int64[3] 1 1 0", "float 5"},
           .after = {"float[2,2] 6 6 11 11"}},
          {.name = "indices of two axes",
           .op = "ScatterSub T=int32 Tindices=int32",
           .in = {"ref:int32[3] 0", "int32[1,2] 0 2", "int32[1,2] 1 2"},
           .after = {"int32[3] -1 0 -2"}},
          {.name = "ScatterMul",
           .op = "ScatterMul T=double Tindices=int32",
           .in = {"ref:double[2] 3 4", "int32[2] 1 1", "double[2] 2 5"},
           .after = {"double[2] 3 40"}},
          {.name = "ScatterDiv",
           .op = "ScatterDiv T=int8 Tindices=int32",
           .in = {"ref:int8[2] -128 7", "int32[2] 0 1", "int8[2] -1 -2"},
           .after = {"int8[2] -128 -3"}},
          {.name = "by zero",
           .op = "ScatterDiv T=int32 Tindices=int32",
           .in = {"ref:int32[1] 1", "int32[1] 0", "int32[1] 0"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "an integer divided by zero"},
          {.name = "ScatterMin",
           .op = "ScatterMin T=bfloat16 Tindices=int32",
           .in = {"ref:bfloat16[2] 3 4", "int32[2] 0 1", "bfloat16[2] 2 5"},
           .after = {"bfloat16[2] 2 4"}},
          {.name = "ScatterMax",
           .op = "ScatterMax T=float Tindices=int32",
           .in = {"ref:float[2] 3 4", "int32[2] 0 1", "float[2] 2 5"},
           .after = {"float[2] 3 5"}},
          {.name = "out of range",
           .op = "ScatterAdd T=float Tindices=int32",
           .in = {"ref:float[2] 1", "int32[1,3] 0 1 2", "float[1,3] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "indices[0,2] = 2 is not in [0, 2)",
           .after = {"float[2] 1"}},
          {.name = "updates of another shape",
           .op = "ScatterAdd T=float Tindices=int32",
           .in = {"ref:float[2] 1", "int32[1] 0", "float[2] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "updates have shape [2], must have [1]"},
          {.name = "resource",
           .op = "ResourceScatterAdd dtype=int64 Tindices=int32",
           .in = {"res:int64[2] 1 2", "int32[2] 1 1", "int64[2] 10 20"},
           .after = {"int64[2] 1 32"}},
          {.name = "resource of strings",
           .op = "ResourceScatterUpdate dtype=string Tindices=int32",
           .in = {"res:string[2] 'a'", "int32[1] 1", "string[1] 'b'"},
           .after = {"string[2] 'a' 'b'"}},
          {.name = "ScatterNdUpdate",
           .op = "ScatterNdUpdate T=float Tindices=int32",
           .in = {"ref:float[2,2] 0", "int32[1,2] 1 0", "float[1] 5"},
           .after = {"float[2,2] 0 0 5 0"}},
          {.name = "ScatterNdAdd of rows",
           .op = "ScatterNdAdd T=float Tindices=int32",
           .in = {"ref:float[2,2] 1", "int32[2,1] 1 1", "float[2,2] 1.."},
           .after = {"float[2,2] 1 1 5 7"}},
          {.name = "outside",
           .op = "ResourceScatterNdAdd T=float Tindices=int64",
           .in = {"res:float[2,2] 1", "int64[1,2] 1 2", "float[1] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "indices[0] = [1, 2] does not index into shape [2,2]"},
          {.name = "outside, not minded",
           .op = "ResourceScatterNdMax T=float Tindices=int64 "
                 "bad_indices_policy='IGNORE'",
           .in = {"res:float[2] 1", "int64[2,1] 5 1", "float[2] 2"},
           .after = {"float[2] 1 2"}},
          {.name = "ResourceScatterNdMin",
           .op = "ResourceScatterNdMin T=uint16 Tindices=int64",
           .in = {"res:uint16[2] 5", "int64[2,1] 0 1", "uint16[2] 2 7"},
           .after = {"uint16[2] 2 5"}},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

TEST_FN(rows_are_gathered) {
  static const op_case rows[] =
      {
          {.name = "ResourceGather",
           .op = "ResourceGather dtype=float Tindices=int32",
           .in = {"res:float[3,2] 1..", "int32[2] 2 0"},
           .out = {"float[2,2] 5 6 1 2"}},
          {.name = "by batch",
           .op = "ResourceGather dtype=string Tindices=int64 batch_dims=1",
           .in = {"res:string[2,2] 'a' 'b' 'c' 'd'", "int64[2,1] 1 0"},
           .out = {"string[2,1] 'b' 'c'"}},
          {.name = "out of range",
           .op = "ResourceGather dtype=float Tindices=int32",
           .in = {"res:float[3,2] 1..", "int32[1] -1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "indices[0] = -1 is not in [0, 3)"},
          {.name = "ResourceGatherNd",
           .op = "ResourceGatherNd dtype=int8 Tindices=int32",
           .in = {"res:int8[2,2] 1..", "int32[2,2] 0 1 1 0"},
           .out = {"int8[2] 2 3"}},
          {.name = "rows",
           .op = "ResourceGatherNd dtype=int8 Tindices=int32",
           .in = {"res:int8[2,2] 1..", "int32[1,1] 1"},
           .out = {"int8[1,2] 3 4"}},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

TEST_FN(handles_come_from_the_store) {
  static const struct {
    const char *name, *op;
  } rows[] =
      {
          {"VarHandleOp", "VarHandleOp dtype=float shape=<2>"},
          {"shared", "VarHandleOp dtype=float shape=<2> shared_name='v'"},
          {"VariableV2", "VariableV2 dtype=float shape=<2>"},
          {"_VarHandlesOp",
           "_VarHandlesOp N=1 dtypes=[float] shapes=[<2>] "
           "containers=[''] shared_names=['v']"},
      },
    *row;
  EACH (row, rows) {
    const char *in[] = {NULL};
    op_rig rig;
    firn_variable *first, *second;
    firn_tensor *handle, *value = NULL;
    op_open(&rig, row->op, in);
    op_run(&rig, 0);
    CHECK_OK(rig.code, &rig.err);
    handle = firn_tensor_retain(rig.out[0]);
    CHECK_OK(firn_variable_of(handle, &first, &rig.err), &rig.err);
    op_run(&rig, 0);
    CHECK_OK(firn_variable_of(rig.out[0], &second, &rig.err), &rig.err);
    CHECK(first == second);
    CHECK_EQ(firn_variable_read(first, &value, NULL), FIRN_FAILED_PRECONDITION);
    firn_tensor_release(handle);
    op_close(&rig);
  }
}

TEST_FN(a_snapshot_does_not_change) {
  const char *in[] = {"res:float[2] 1 2", "float[2] 1 1", NULL};
  op_rig rig;
  firn_variable *variable;
  firn_tensor *before = NULL;
  op_open(&rig, "AssignAddVariableOp dtype=float", in);
  CHECK_OK(firn_variable_of(rig.in[0], &variable, &rig.err), &rig.err);
  CHECK_OK(firn_variable_read(variable, &before, &rig.err), &rig.err);
  const uint64_t generation = firn_store_generation(rig.store);
  op_run(&rig, 0);
  CHECK_OK(rig.code, &rig.err);
  CHECK(firn_store_generation(rig.store) > generation);
  CHECK(((float *)before->data)[0] == 1);
  firn_tensor_release(before);
  op_expect_variable(&rig, 0, "float[2] 2 3", 0);
  op_close(&rig);
}

static firn_code note(void *ud, firn_str container, firn_str name,
                      firn_object *object, firn_error *err) {
  char *text = ud;
  (void)container, (void)object, (void)err;
  strncat(text, name.data, name.size);
  return FIRN_OK;
}

TEST_FN(the_store_walks_in_name_order) {
  const char *in[] = {"res:float[2] 1 2", "float[2] 1 1", NULL};
  char names[64] = "";
  op_rig rig;
  firn_variable *variable = NULL;
  op_open(&rig, "AssignAddVariableOp dtype=float", in);
  firn_pb_NodeDef *def =
      op_parse(&rig, "a", "VarHandleOp dtype=int32 shape=<>");
  firn_node *node = NULL;
  CHECK_OK(firn_graph_append(rig.graph, def, &node, &rig.err), &rig.err);
  CHECK_OK(firn_store_variable(rig.store, node, &variable, &rig.err), &rig.err);
  firn_object_release((firn_object *)variable);
  CHECK_OK(
      firn_store_each(rig.store, &firn_variable_class, note, names, &rig.err),
      &rig.err);
  CHECK_STR(names, "ain0");
  op_close(&rig);
}

static firn_code first_value(void *ud, const firn_node *node, firn_tensor **out,
                             firn_error *err) {
  (void)err;
  if (firn_str_is(node->def->name, "empty")) return FIRN_OK;
  *out = firn_tensor_retain(ud);
  return FIRN_OK;
}

static firn_code read_first(op_rig *rig, firn_store *store, const char *name,
                            const char *op, firn_tensor **out) {
  firn_variable *variable = NULL;
  firn_node *node = NULL;
  CHECK_OK(
      firn_graph_append(rig->graph, op_parse(rig, name, op), &node, &rig->err),
      &rig->err);
  CHECK_OK(firn_store_variable(store, node, &variable, &rig->err), &rig->err);
  const firn_code code = firn_variable_read(variable, out, &rig->err);
  firn_object_release((firn_object *)variable);
  return code;
}

TEST_FN(first_values_are_asked_for_and_checked) {
  const char *in[] = {"float[2] 1 2", NULL};
  op_rig rig;
  op_open(&rig, "Identity T=float", in);
  const firn_values values = {first_value, rig.in[0]};
  firn_store *store = NULL;
  firn_tensor *value = NULL;
  CHECK_OK(firn_store_new(&rig.env, &values, &store, &rig.err), &rig.err);

  CHECK_OK(
      read_first(&rig, store, "v", "VarHandleOp dtype=float shape=<2>", &value),
      &rig.err);
  CHECK(((float *)value->data)[1] == 2);
  firn_tensor_release(value);
  CHECK_EQ(read_first(&rig, store, "empty", "VarHandleOp dtype=float shape=<2>",
                      &value),
           FIRN_FAILED_PRECONDITION);
  CHECK_EQ(read_first(&rig, store, "int", "VarHandleOp dtype=int32 shape=<2>",
                      &value),
           FIRN_INVALID_ARGUMENT);
  CHECK_HAS(rig.err.message,
            "variable 'int' is int32, its stored value float32");
  CHECK_EQ(read_first(&rig, store, "long", "VarHandleOp dtype=float shape=<3>",
                      &value),
           FIRN_INVALID_ARGUMENT);
  CHECK_HAS(rig.err.message,
            "stored value of variable 'long': shapes [3] and [2] differ");
  firn_store_free(store);
  op_close(&rig);
}

TEST_FN(destroyed_variables_have_no_value) {
  static const op_case rows[] =
      {
          {.name = "nothing to destroy",
           .op = "DestroyResourceOp ignore_lookup_error=false",
           .in = {"res:float"},
           .code = FIRN_NOT_FOUND,
           .says = "there is nothing to destroy"},
          {.name = "not minded",
           .op = "DestroyResourceOp",
           .in = {"res:float"}},
      },
                       *row;
  EACH (row, rows) op_check(row);
  const char *in[] = {"res:float 1", NULL};
  op_rig rig;
  firn_variable *variable;
  op_open(&rig, "DestroyResourceOp", in);
  op_run(&rig, 0);
  CHECK_OK(rig.code, &rig.err);
  CHECK_OK(firn_variable_of(rig.in[0], &variable, &rig.err), &rig.err);
  CHECK(!firn_variable_ready(variable));
  op_close(&rig);
}

SUITE(ops_variable, TEST(variables_are_read), TEST(variables_are_assigned),
      TEST(counters_stop), TEST(rows_are_scattered), TEST(rows_are_gathered),
      TEST(handles_come_from_the_store), TEST(a_snapshot_does_not_change),
      TEST(the_store_walks_in_name_order),
      TEST(first_values_are_asked_for_and_checked),
      TEST(destroyed_variables_have_no_value));
