/* Saving and restoring as nodes: what goes in comes out, also by slices and
 * between the generations. */
#include "support/folder.h"
#include "support/op_case.h"

static char folder[FOLDER_ROOM];
static bool
    once; /* with the portable kernels only: what cannot be done twice */

/* A row whose texts have %s where the folder goes. */
static void check(op_case row) {
  static char room[OP_CASE_MAX][FOLDER_ROOM * 2];
  for (size_t i = 0; i < OP_CASE_MAX && row.in[i]; i++) {
    const char *at = strstr(row.in[i], "%s");
    if (!at) continue;
    snprintf(room[i], sizeof room[i], "%.*s%s%s", (int)(at - row.in[i]),
             row.in[i], folder, at + 2);
    row.in[i] = room[i];
  }
  test_row_name = row.name;
  if (once)
    op_check_on(&row, 0);
  else
    op_check(&row);
}

TEST_FN(restores_what_was_saved) {
  static const op_case rows[] = {
      {.name = "save",
       .op = "SaveV2 dtypes=[float,string]",
       .in = {"string '%s/a'", "string[2] 'x' 'y'", "string[2] '' ''",
              "float[2] 1 2", "string[1] 'snow'"}},
      {.name = "restore",
       .op = "RestoreV2 dtypes=[string,float]",
       .in = {"string '%s/a'", "string[2] 'y' 'x'", "string[2] '' ''"},
       .out = {"string[1] 'snow'", "float[2] 1 2"}},
      {.name = "restore a part",
       .op = "RestoreV2 dtypes=[float]",
       .in = {"string '%s/a'", "string[1] 'x'", "string[1] '2 1,1'"},
       .out = {"float[1] 2"}},
      {.name = "save slices",
       .op = "SaveV2 dtypes=[int32,int32]",
       .in = {"string '%s/s'", "string[2] 'w' 'w'",
              "string[2] '3 2 0,1:-' '3 2 1,2:-'", "int32[1,2] 1 2",
              "int32[2,2] 3 4 5 6"}},
      {.name = "restore across slices",
       .op = "RestoreV2 dtypes=[int32,int32]",
       .in = {"string '%s/s'", "string[2] 'w' 'w'",
              "string[2] '' '3 2 0,2:1,1'"},
       .out = {"int32[3,2] 1 2 3 4 5 6", "int32[2,1] 2 4"}},
      {.name = "save version 1",
       .op = "Save T=[int64]",
       .in = {"string '%s/old'", "string[1] 'z'", "int64[2] 7 8"}},
      {.name = "restore version 1",
       .op = "Restore dt=int64",
       .in = {"string '%s/old'", "string 'z'"},
       .out = {"int64[2] 7 8"}},
      {.name = "RestoreV2 takes it too",
       .op = "RestoreV2 dtypes=[int64]",
       .in = {"string '%s/old'", "string[1] 'z'", "string[1] ''"},
       .out = {"int64[2] 7 8"}},
      {.name = "save slices of version 1",
       .op = "SaveSlices T=[bool]",
       .in = {"string '%s/old2'", "string[1] 'b'", "string[1] '4 1,2'",
              "bool[2] true false"}},
      {.name = "restore one slice",
       .op = "RestoreSlice dt=bool",
       .in = {"string '%s/old2'", "string 'b'", "string '4 2,1'"},
       .out = {"bool[1] false"}},
      {.name = "merge",
       .op = "MergeV2Checkpoints",
       .in = {"string[2] '%s/a' 'none'", "string '%s/all'"},
       .code = FIRN_NOT_FOUND,
       .says = "none"},
  };
  folder_new(folder);
  for (size_t i = 0; i < FIRN_COUNT(rows); i++) check(rows[i]);
  folder_remove(folder);
}

TEST_FN(merging_moves_the_parts) {
  static const op_case part = {
      .name = "a part",
      .op = "SaveV2 dtypes=[float]",
      .in = {"string '%s/temp/p'", "string[1] 'x'", "string[1] ''", "float 1"}};
  static const op_case merge = {
      .name = "merge",
      .op = "MergeV2Checkpoints",
      .in = {"string[1] '%s/temp/p'", "string '%s/all'"}};
  char path[FOLDER_ROOM];
  folder_new(folder);
  folder_path(path, folder, "temp");
  CHECK_EQ(mkdir(path, 0777), 0);
  once = true;
  check(part);
  check(merge);
  once = false;
  CHECK_EQ(folder_count(folder), 2); /* the folder of the parts is gone */
  folder_path(path, folder, "all.data-00000-of-00001");
  CHECK(access(path, F_OK) == 0);
  folder_remove(folder);
}

TEST_FN(names_parts) {
  static const op_case rows[] = {
      {.name = "a shard",
       .op = "ShardedFilename",
       .in = {"string 'p/q'", "int32 3", "int32 12"},
       .out = {"string 'p/q-00003-of-00012'"}},
      {.name = "many",
       .op = "ShardedFilename",
       .in = {"string 'p'", "int32 123456", "int32 1234567"},
       .out = {"string 'p-123456-of-1234567'"}},
      {.name = "all",
       .op = "ShardedFilespec",
       .in = {"string 'p/q'", "int32 12"},
       .out = {"string 'p/q-???"
               "?\?-of-00012'"}},
  };
  for (size_t i = 0; i < FIRN_COUNT(rows); i++) check(rows[i]);
}

TEST_FN(refuses_what_does_not_fit) {
  static const op_case rows[] = {
      {.name = "a name too few",
       .op = "SaveV2 dtypes=[float,float]",
       .in = {"string '%s/a'", "string[1] 'x'", "string[1] ''", "float 1",
              "float 2"},
       .code = FIRN_INVALID_ARGUMENT,
       .says = "tensor_names must be a vector of 2 strings, has shape [1]"},
      {.name = "a name twice",
       .op = "SaveV2 dtypes=[float,float]",
       .in = {"string '%s/a'", "string[2] 'x' 'x'", "string[2] '' ''",
              "float 1", "float 2"},
       .code = FIRN_INVALID_ARGUMENT,
       .says = "was added before"},
      {.name = "another shape",
       .op = "SaveV2 dtypes=[float]",
       .in = {"string '%s/a'", "string[1] 'x'", "string[1] '3 0,2'",
              "float[3] 1 2 3"},
       .code = FIRN_INVALID_ARGUMENT,
       .says = "the slice has shape [2], the tensor [3]"},
      {.name = "a type of its own",
       .op = "Save T=[bfloat16]",
       .in = {"string '%s/a'", "string[1] 'x'", "bfloat16 1"},
       .code = FIRN_UNIMPLEMENTED,
       .says = "no values of type bfloat16"},
      {.name = "sound",
       .op = "SaveV2 dtypes=[float]",
       .in = {"string '%s/a'", "string[1] 'x'", "string[1] ''",
              "float[3] 1 2 3"}},
      {.name = "no such key",
       .op = "RestoreV2 dtypes=[float]",
       .in = {"string '%s/a'", "string[1] 'y'", "string[1] ''"},
       .code = FIRN_NOT_FOUND,
       .says = "no key 'y' in checkpoint"},
      {.name = "another type",
       .op = "RestoreV2 dtypes=[int32]",
       .in = {"string '%s/a'", "string[1] 'x'", "string[1] ''"},
       .code = FIRN_INVALID_ARGUMENT,
       .says = "'x' is float32 in checkpoint"},
      {.name = "another whole",
       .op = "RestoreV2 dtypes=[float]",
       .in = {"string '%s/a'", "string[1] 'x'", "string[1] '4 0,2'"},
       .code = FIRN_INVALID_ARGUMENT,
       .says = "the slice is of a whole of shape [4], 'x' has shape [3]"},
      {.name = "no such checkpoint",
       .op = "RestoreV2 dtypes=[float]",
       .in = {"string '%s/b'", "string[1] 'x'", "string[1] ''"},
       .code = FIRN_NOT_FOUND,
       .says = "opening checkpoint"},
  };
  folder_new(folder);
  for (size_t i = 0; i < FIRN_COUNT(rows); i++) check(rows[i]);
  folder_remove(folder);
}

SUITE(ops_checkpoint_io, TEST(restores_what_was_saved),
      TEST(merging_moves_the_parts), TEST(names_parts),
      TEST(refuses_what_does_not_fit));
