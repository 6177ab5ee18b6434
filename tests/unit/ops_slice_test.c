/* Slices of variables, and what shape functions tell of values while only part
 * of them is known: most reshapes of real graphs hang on the latter. */
#include "support/op_case.h"

TEST_FN(slices_of_variables_are_assigned) {
  static const op_case rows[] =
      {
          {.name = "reference",
           .op = "StridedSliceAssign T=float Index=int32",
           .in = {"ref:float[4] 1 2 3 4", "int32[1] 1", "int32[1] 3",
                  "int32[1] 1", "float[2] 8 9"},
           .out = {"*"},
           .after = {"float[4] 1 8 9 4"}},
          {.name = "resource, backwards",
           .op = "ResourceStridedSliceAssign T=int32 Index=int32 end_mask=1",
           .in = {"res:int32[4] 1 2 3 4", "int32[1] 3", "int32[1] 0",
                  "int32[1] -2", "int32[2] 8 9"},
           .after = {"int32[4] 1 9 3 8"}},
          {.name = "one value for all",
           .op = "ResourceStridedSliceAssign T=float Index=int64",
           .in = {"res:float[2,2] 1 2 3 4", "int64[1] 1", "int64[1] 2",
                  "int64[1] 1", "float 7"},
           .after = {"float[2,2] 1 2 7 7"}},
          {.name = "one index",
           .op = "ResourceStridedSliceAssign T=string Index=int32 "
                 "shrink_axis_mask=1",
           .in = {"res:string[2] 'a' 'b'", "int32[1] -1", "int32[1] 0",
                  "int32[1] 1", "string 'c'"},
           .after = {"string[2] 'a' 'c'"}},
          {.name = "a value that does not fit",
           .op = "ResourceStridedSliceAssign T=float Index=int32",
           .in = {"res:float[4] 1 2 3 4", "int32[1] 0", "int32[1] 3",
                  "int32[1] 1", "float[2] 8 9"},
           .after = {"float[4] 1 2 3 4"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the value has shape [2], the slice [3]"},
          {.name = "an index outside",
           .op = "ResourceStridedSliceAssign T=float Index=int32 "
                 "shrink_axis_mask=1",
           .in = {"res:float[4] 1 2 3 4", "int32[1] 4", "int32[1] 5",
                  "int32[1] 1", "float 8"},
           .after = {"float[4] 1 2 3 4"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "index 4 of axis 0 is not in [0, 4)"},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

/* ---- Partial values ----------------------------------------------------- */

enum { U = -1000 }; /* stands for an unknown integer below */

typedef struct known {
  int64_t ints[6];
  int count;
} known;

/* Infers `op` on inputs of which these integers are known (count -1: the shape
 * alone), and gives what is known of output 0. */
static firn_info infer_known(const char *op, const char *const *in,
                             const known *what, op_rig *rig,
                             firn_arena *arena) {
  firn_info infos[OP_CASE_MAX], out[OP_CASE_MAX];
  op_open(rig, op, in);
  firn_arena_init(arena, &rig->env.alloc);
  for (size_t i = 0; i < rig->in_count; i++) {
    infos[i] = firn_info_of(rig->in[i], arena);
    op_forget(&infos[i], OP_KNOW_SHAPES);
    if (what[i].count < 0) continue;
    int64_t *ints = firn_arena_array(arena, 6, sizeof *ints);
    for (int k = 0; k < what[i].count; k++)
      ints[k] = what[i].ints[k] == U ? FIRN_UNKNOWN_INT : what[i].ints[k];
    infos[i].ints = ints;
  }
  CHECK_OK(firn_infer_node(rig->node, infos, rig->in_count, out, rig->out_count,
                           arena, &rig->err),
           &rig->err);
  return out[0];
}

TEST_FN(partly_known_values_flow_on) {
  static const struct {
    const char *name, *op, *in[OP_CASE_MAX];
    known what[4], want;
  } rows[] =
      {
          {"an extent of a shape",
           "StridedSlice T=int32 Index=int32 shrink_axis_mask=1",
           {"int32[3] 1", "int32[1] 1", "int32[1] 2", "int32[1] 1"},
           {{{U, 8, 3}, 3}, {{1}, 1}, {{2}, 1}, {{1}, 1}},
           {{8}, 1}},
          {"the unknown extent of a shape",
           "StridedSlice T=int32 Index=int32 shrink_axis_mask=1",
           {"int32[3] 1", "int32[1] 1", "int32[1] 2", "int32[1] 1"},
           {{{U, 8, 3}, 3}, {{0}, 1}, {{1}, 1}, {{1}, 1}},
           {{U}, 1}},
          {"packed scalars",
           "Pack T=int32 N=3",
           {"int32 1", "int32 1", "int32 1"},
           {{{U}, 1}, {{-1}, 1}, {{7}, 1}},
           {{U, -1, 7}, 3}},
          {"joined vectors",
           "ConcatV2 T=int32 N=2 Tidx=int32",
           {"int32[2] 1", "int32[1] 1", "int32 0"},
           {{{U, 4}, 2}, {{5}, 1}, {{0}, 1}},
           {{U, 4, 5}, 3}},
          {"a vector of which nothing is known, joined",
           "ConcatV2 T=int32 N=2 Tidx=int32",
           {"int32[2] 1", "int32[1] 1", "int32 0"},
           {{{0}, -1}, {{5}, 1}, {{0}, 1}},
           {{U, U, 5}, 3}},
          {"gathered extents",
           "GatherV2 Tparams=int32 Tindices=int32 Taxis=int32",
           {"int32[3] 1", "int32[2] 0", "int32 0"},
           {{{6, U, 2}, 3}, {{2, 1}, 2}, {{0}, 1}},
           {{2, U}, 2}},
          {"a slice",
           "Slice T=int32 Index=int32",
           {"int32[4] 1", "int32[1] 1", "int32[1] 2"},
           {{{6, U, 2, 9}, 4}, {{1}, 1}, {{2}, 1}},
           {{U, 2}, 2}},
      },
    *row;
  EACH (row, rows) {
    op_rig rig;
    firn_arena arena;
    const firn_info out =
        infer_known(row->op, row->in, row->what, &rig, &arena);
    CHECK(out.ints != NULL);
    for (int k = 0; k < row->want.count; k++)
      CHECK_EQ(out.ints[k],
               row->want.ints[k] == U ? FIRN_UNKNOWN_INT : row->want.ints[k]);
    firn_arena_fini(&arena);
    op_close(&rig);
  }
}

TEST_FN(reshape_finds_the_inferred_extent) {
  static const char *const in[] = {"float[2,6] 0", "int32[2] 3 4", NULL};
  static const struct {
    const char *name;
    known what[2];
    int64_t dims[2];
  } rows[] =
      {
          {"all known", {{{0}, -1}, {{3, 4}, 2}}, {3, 4}},
          {"inferred", {{{0}, -1}, {{3, -1}, 2}}, {3, 4}},
          {"unknown: the run sees whether it fits",
           {{{0}, -1}, {{U, 4}, 2}},
           {-1, 4}},
          {"two unknown", {{{0}, -1}, {{U, U}, 2}}, {-1, -1}},
          {"unknown beside an inferred one",
           {{{0}, -1}, {{U, -1}, 2}},
           {-1, -1}},
      },
    *row;
  EACH (row, rows) {
    op_rig rig;
    firn_arena arena;
    const firn_info out = infer_known("Reshape T=float Tshape=int32", in,
                                      row->what, &rig, &arena);
    CHECK_EQ(out.shape.rank, 2);
    for (int k = 0; k < 2; k++) CHECK_EQ(out.shape.dims[k], row->dims[k]);
    firn_arena_fini(&arena);
    op_close(&rig);
  }
}

SUITE(ops_slice, TEST(slices_of_variables_are_assigned),
      TEST(partly_known_values_flow_on),
      TEST(reshape_finds_the_inferred_extent));
