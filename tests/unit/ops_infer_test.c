/* The phrases of shape functions, above all with unknowns; and shared packs. */
#include "support/op_case.h"

#include "ops/infer.h"

/* "[2,?]", "?" and so on, as firn_shape_text writes them. */
static firn_shape shape_of(const char *text) {
  if (!strcmp(text, "?")) return firn_shape_unknown();
  const char *at = text + 1;
  return op_shape(&at, ']');
}

static void check_shape(const firn_shape *have, const char *want) {
  char text[256];
  CHECK_STR(firn_shape_text(have, text), want);
}

TEST_FN(shapes_broadcast_and_merge) {
  static const struct {
    const char *name, *a, *b, *broadcast, *merged; /* NULL: refused */
  } rows[] =
      {
          {"equal", "[2,3]", "[2,3]", "[2,3]", "[2,3]"},
          {"one axis stretched", "[2,1]", "[2,3]", "[2,3]", NULL},
          {"fewer axes", "[3]", "[2,3]", "[2,3]", NULL},
          {"scalar", "[]", "[4]", "[4]", NULL},
          {"different", "[2]", "[3]", NULL, NULL},
          {"unknown against more than one", "[?]", "[3]", "[3]", "[3]"},
          {"unknown against one", "[?]", "[1]", "[?]", "[1]"},
          {"both unknown", "[?,2]", "[?,?]", "[?,2]", "[?,2]"},
          {"no elements", "[0]", "[1]", "[0]", NULL},
          {"unknown rank", "?", "[2]", "?", "[2]"},
      },
    *row;
  EACH (row, rows) {
    const firn_shape a = shape_of(row->a), b = shape_of(row->b);
    firn_shape out;
    firn_error err = FIRN_ERROR_INIT;
    const firn_code code = firn_shape_broadcast(&a, &b, &out, &err);
    CHECK_EQ(code, row->broadcast ? FIRN_OK : FIRN_INVALID_ARGUMENT);
    if (row->broadcast)
      check_shape(&out, row->broadcast);
    else
      CHECK_STR(err.message, "shapes [2] and [3] do not broadcast to one");
    CHECK_EQ(firn_shape_merge(&a, &b, &out, &err),
             row->merged ? FIRN_OK : FIRN_INVALID_ARGUMENT);
    if (row->merged) check_shape(&out, row->merged);
  }
}

TEST_FN(windows_are_tensorflows) {
  static const struct {
    const char *name, *padding;
    int64_t in, window, stride, dilation, before, after, out, pad;
    const char *says;
  } rows[] =
      {
          {"valid", "VALID", 10, 3, 2, 1, 0, 0, 4, 0, NULL},
          {"valid, dilated", "VALID", 10, 3, 1, 2, 0, 0, 6, 0, NULL},
          {"same", "SAME", 10, 3, 2, 1, 0, 0, 5, 0, NULL},
          {"same, odd", "SAME", 11, 3, 2, 1, 0, 0, 6, 1, NULL},
          {"same, one stride", "SAME", 5, 4, 1, 1, 0, 0, 5, 1, NULL},
          {"explicit", "EXPLICIT", 5, 3, 1, 1, 2, 1, 6, 2, NULL},
          {"unknown", "SAME", -1, 3, 1, 1, 0, 0, -1, 0, NULL},
          {"nothing in", "SAME", 0, 3, 1, 1, 0, 0, 0, 1, NULL},
          {"just too small", "VALID", 2, 3, 1, 1, 0, 0, 0, 0, NULL},
          {"does not fit", "VALID", 1, 3, 1, 1, 0, 0, 0, 0,
           "a window of 3 does not fit into an extent of 1"},
          {"no stride", "VALID", 5, 3, 0, 1, 0, 0, 0, 0, "must be at least 1"},
          {"negative padding", "EXPLICIT", 5, 3, 1, 1, -1, 0, 0, 0,
           "must not be negative"},
          {"no such padding", "BOTH", 5, 3, 1, 1, 0, 0, 0, 0,
           "padding is 'BOTH', not SAME, VALID or EXPLICIT"},
          {"too large", "VALID", 5, INT64_MAX, 1, 2, 0, 0, 0, 0,
           "is too large"},
          {"too much padding", "EXPLICIT", INT64_MAX, 1, 1, 1, INT64_MAX, 0, 0,
           0, "is too large"},
      },
    *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    int64_t out = -2, pad = -2;
    const firn_code code = firn_infer_window(
        row->in, row->window, row->stride, row->dilation,
        firn_str_of(row->padding), row->before, row->after, &out, &pad, &err);
    CHECK_EQ(code, row->says ? FIRN_INVALID_ARGUMENT : FIRN_OK);
    if (row->says) {
      CHECK_HAS(err.message, row->says);
    } else {
      CHECK_EQ(out, row->out);
      CHECK_EQ(pad, row->pad);
    }
  }
}

TEST_FN(axes_count_from_both_ends) {
  int axis = 9;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_axis(-1, 3, &axis, &err), FIRN_OK);
  CHECK_EQ(axis, 2);
  CHECK_EQ(firn_axis(0, 3, &axis, &err), FIRN_OK);
  CHECK_EQ(axis, 0);
  CHECK_EQ(firn_axis(3, 3, &axis, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "axis 3 is not in [-3, 3)");
  CHECK_EQ(firn_axis(0, 0, &axis, &err), FIRN_INVALID_ARGUMENT);
}

TEST_FN(values_become_shapes) {
  static const struct {
    const char *name, *shape;
    int64_t ints[3];
    bool known;
    const char *want, *says;
  } rows[] =
      {
          {"all known", "[3]", {2, 0, 4}, true, "[2,0,4]", NULL},
          {"an unknown element",
           "[2]",
           {2, FIRN_UNKNOWN_INT},
           true,
           "[2,?]",
           NULL},
          {"minus one", "[2]", {-1, 3}, true, "[?,3]", NULL},
          {"below minus one",
           "[2]",
           {3, -2},
           true,
           NULL,
           "shape[1] = -2 must not be negative"},
          {"only the length", "[2]", {0}, false, "[?,?]", NULL},
          {"nothing", "?", {0}, false, "?", NULL},
          {"unknown length", "[?]", {0}, false, "?", NULL},
          {"scalar minus one", "[]", {-1}, true, "?", NULL},
          {"another scalar",
           "[]",
           {3},
           true,
           NULL,
           "shape must have 1 axis, has shape []"},
          {"two axes",
           "[1,2]",
           {0},
           false,
           NULL,
           "shape must have 1 axis, has shape [1,2]"},
      },
    *row;
  EACH (row, rows) {
    const firn_info in = {.dtype = FIRN_INT64,
                          .shape = shape_of(row->shape),
                          .ints = row->known ? row->ints : NULL};
    const firn_infer q = {.in_count = 1, .in = &in};
    firn_shape out;
    firn_error err = FIRN_ERROR_INIT;
    const firn_code code = firn_infer_shape_of_value(&q, 0, &out, &err);
    CHECK_EQ(code, row->want ? FIRN_OK : FIRN_INVALID_ARGUMENT);
    if (row->want)
      check_shape(&out, row->want);
    else
      CHECK_STR(err.message, row->says);
  }
}

static int fills;
static void fill(void *ud, void *data) {
  fills++;
  memcpy(data, ud, 4);
}

TEST_FN(packs_are_made_once) {
  const char *in[] = {"float[1] 1", NULL};
  op_rig rig;
  const firn_pack *a, *b, *c, *own;
  uint32_t number = 7;
  fills = 0;
  op_open(&rig, "Identity T=float", in);
  CHECK_OK(firn_packs_get(rig.packs, &rig.env, rig.in[0], 1, 4, fill, &number,
                          &a, &rig.err),
           &rig.err);
  CHECK_OK(firn_packs_get(rig.packs, &rig.env, rig.in[0], 1, 4, fill, &number,
                          &b, &rig.err),
           &rig.err);
  CHECK_OK(firn_packs_get(rig.packs, &rig.env, rig.in[0], 2, 4, fill, &number,
                          &c, &rig.err),
           &rig.err);
  CHECK_OK(firn_packs_get(NULL, &rig.env, rig.in[0], 1, 4, fill, &number, &own,
                          &rig.err),
           &rig.err);
  CHECK(a == b && a != c && own != a);
  CHECK_EQ(fills, 3);
  CHECK_EQ(*(uint32_t *)a->data, 7);
  CHECK_EQ((uintptr_t)a->data % 64, 0);
  firn_pack_release(rig.packs, &rig.env, a);
  firn_pack_release(rig.packs, &rig.env, b);
  firn_pack_release(NULL, &rig.env, own);
  CHECK_OK(firn_packs_get(rig.packs, &rig.env, rig.in[0], 1, 4, fill, &number,
                          &a, &rig.err),
           &rig.err);
  CHECK_EQ(fills, 4); /* the last owner had gone */
  op_close(&rig);     /* frees what is left */
}

SUITE(ops_infer, TEST(shapes_broadcast_and_merge),
      TEST(windows_are_tensorflows), TEST(axes_count_from_both_ends),
      TEST(values_become_shapes), TEST(packs_are_made_once));
