/* Slices as text, as TensorFlow takes them, and copying between boxes against
 * the obvious loop over every element. */
#include "checkpoint/slice.h"
#include "support/test.h"

TEST_FN(reads_slices) {
  static const struct {
    const char *name, *text, *slice;
    int rank;
    int64_t dims[3];
  } rows[] =
      {
          {"one axis", "4 1,2", "1,2", 1, {4}},
          {"whole axes", "10 4 0,5:-", "0,5:-", 2, {10, 4}},
          {"all of it", "4 0,4", "0,4", 1, {4}},
          {"no element", "0 -", "-", 1, {0}},
          {"signs", "+4 +1,2", "1,2", 1, {4}},
          {"colon at the end", "4 1,2:", "1,2", 1, {4}},
          {"colon at the start", "4 :-", "-", 1, {4}},
      },
    *row;
  EACH (row, rows) {
    char text[FIRN_SLICE_TEXT];
    firn_error err = FIRN_ERROR_INIT;
    firn_shape full;
    firn_slice slice;
    CHECK_OK(firn_slice_parse(firn_str_of(row->text), &full, &slice, &err),
             &err);
    CHECK_STR(firn_slice_text(&slice, text), row->slice);
    CHECK_EQ(full.rank, row->rank);
    for (int i = 0; i < full.rank; i++) CHECK_EQ(full.dims[i], row->dims[i]);
  }
}

TEST_FN(nothing_is_a_whole_tensor) {
  firn_shape full;
  firn_slice slice;
  CHECK_EQ(firn_slice_parse(FIRN_STR(""), &full, &slice, NULL), FIRN_OK);
  CHECK_EQ(full.rank, FIRN_UNKNOWN_RANK);
  CHECK_EQ(slice.rank, -1);
}

#define WHILE(text) "reading the slice '" text "': "

TEST_FN(refuses_bad_slices) {
  static const struct {
    const char *name, *text;
    firn_code code;
    const char *says;
  } rows[] =
      {
          {"only a shape", "4", FIRN_INVALID_ARGUMENT,
           WHILE("4") "wanted the extents, a blank, and the slice"},
          {"past the end", "4 0,5", FIRN_OUT_OF_RANGE,
           WHILE("4 0,5") "slice starts at 0 with extent 5 on axis 0 of shape "
                          "[4]"},
          {"no extent", "4 0,0", FIRN_INVALID_ARGUMENT,
           WHILE(
               "4 0,0") "axis 0 of a slice starts at 0 with extent 0, wanted a "
                        "start from 0 and an extent from 1"},
          {"before the start", "4 -1,2", FIRN_INVALID_ARGUMENT,
           WHILE("4 -1,2") "axis 0 of a slice starts at -1 with extent 2, "
                           "wanted a "
                           "start from 0 and an extent from 1"},
          {"sum overflows", "4 2,9223372036854775807", FIRN_INVALID_ARGUMENT,
           WHILE(
               "4 2,9223372036854775807") "axis 0 of a slice starts at 2 with "
                                          "extent 9223372036854775807, wanted "
                                          "a "
                                          "start from 0 and an extent from 1"},
          {"too many axes", "4 -:-", FIRN_OUT_OF_RANGE,
           WHILE("4 -:-") "slice of 2 axes of a tensor of shape [4]"},
          {"blank in front", " 4 -", FIRN_INVALID_ARGUMENT,
           WHILE(" 4 -") "'' is not the extent of an axis"},
          {"two blanks", "4  -", FIRN_INVALID_ARGUMENT,
           WHILE("4  -") "'' is not the extent of an axis"},
          {"nothing after", "4 ", FIRN_OUT_OF_RANGE,
           WHILE("4 ") "slice of 0 axes of a tensor of shape [4]"},
          {"letters", "a 0,2", FIRN_INVALID_ARGUMENT,
           WHILE("a 0,2") "'a' is not the extent of an axis"},
          {"hexadecimal", "0x4 0,2", FIRN_INVALID_ARGUMENT,
           WHILE("0x4 0,2") "'0x4' is not the extent of an axis"},
          {"negative", "-4 -", FIRN_INVALID_ARGUMENT,
           WHILE("-4 -") "'-4' is not the extent of an axis"},
          {"three numbers", "4 1,2,3", FIRN_INVALID_ARGUMENT,
           WHILE("4 1,2,3") "axis 0 of a slice is 'START,EXTENT' or '-', not "
                            "'1,2,3'"},
          {"17 axes", "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 -", FIRN_UNIMPLEMENTED,
           WHILE("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 -") "shape of more than 16 "
                                                        "axes"},
      },
    *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_shape full;
    firn_slice slice;
    CHECK_EQ(firn_slice_parse(firn_str_of(row->text), &full, &slice, &err),
             row->code);
    CHECK_STR(err.message, row->says);
    CHECK_EQ(full.rank, -1);
    CHECK_EQ(slice.rank, -1);
  }
}

TEST_FN(shape_of_a_slice) {
  const firn_shape full = {.rank = 2, .dims = {10, 4}};
  const firn_slice slice = {.rank = 2, .start = {3, 0}, .extent = {5, -1}};
  const firn_shape shape = firn_slice_shape(&slice, &full);
  CHECK_EQ(shape.rank, 2);
  CHECK_EQ(shape.dims[0], 5);
  CHECK_EQ(shape.dims[1], 4);
}

/* ---- Boxes against every element ---------------------------------------- */

enum { MOST = 5, RANK = 3, CELLS = MOST * MOST * MOST };

static firn_slice random_box(int rank) {
  firn_slice box = {.rank = rank};
  for (int i = 0; i < rank; i++) {
    box.start[i] = test_random(MOST);
    box.extent[i] = 1 + test_random((uint32_t)(MOST - box.start[i]));
  }
  return box;
}

static bool inside(const firn_slice *box, const int64_t *at) {
  for (int i = 0; i < box->rank; i++)
    if (at[i] < box->start[i] || at[i] >= box->start[i] + box->extent[i])
      return false;
  return true;
}

static size_t place(const firn_slice *box, const int64_t *at) {
  size_t n = 0;
  for (int i = 0; i < box->rank; i++)
    n = n * (size_t)box->extent[i] + (size_t)(at[i] - box->start[i]);
  return n;
}

/* Visits every cell of the cube that boxes are cut from. */
static bool next_cell(int rank, int64_t *at) {
  for (int i = rank - 1; i >= 0; i--) {
    if (++at[i] < MOST) return true;
    at[i] = 0;
  }
  return false;
}

static void check_copy(const firn_slice *to_box, const firn_slice *from_box) {
  int32_t from[CELLS], to[CELLS], want[CELLS];
  int64_t at[RANK] = {0}, cells = 0;
  firn_slice common;
  size_t first = SIZE_MAX, last = 0, begin;
  for (int i = 0; i < CELLS; i++) from[i] = 1000 + i, to[i] = want[i] = -1;
  do {
    if (!inside(to_box, at) || !inside(from_box, at)) continue;
    const size_t n = place(to_box, at);
    want[n] = from[place(from_box, at)];
    if (n < first) first = n;
    if (n > last) last = n;
    cells++;
  } while (next_cell(to_box->rank, at));

  CHECK_EQ(firn_slice_overlap(to_box, from_box, &common), cells > 0);
  if (!cells) return;
  CHECK_EQ(firn_slice_count(&common), cells);
  CHECK(firn_slice_copy(FIRN_INT32, &common, to, to_box, from, from_box));
  assert_memory_equal(to, want, sizeof to);

  /* One piece exactly when nothing of the box lies between its ends. */
  const bool piece = (int64_t)(last - first + 1) == cells;
  CHECK_EQ(firn_slice_contiguous(to_box, &common, &begin), piece);
  if (piece) CHECK_EQ(begin, first);
}

TEST_FN(copies_what_boxes_share) {
  test_seed(11);
  for (int i = 0; i < 3000; i++) {
    const int rank = (int)test_random(RANK + 1);
    const firn_slice to = random_box(rank), from = random_box(rank);
    check_copy(&to, &from);
  }
}

SUITE(checkpoint_slice, TEST(reads_slices), TEST(nothing_is_a_whole_tensor),
      TEST(refuses_bad_slices), TEST(shape_of_a_slice),
      TEST(copies_what_boxes_share));
