/* ops/control.c: the ops that the runtime does itself, so that `firn ops` lists
 * them and shapes flow through them; and what they need beside.
 *
 *   Switch, Merge, Enter, Exit ...  become parts of the plan
 * (runtime/program.h) RefIdentity, RefSelect          hand references on
 *   ToBool, FakeParam               conditions, and what a branch does not
 * return
 */
#include "ops/infer.h"

/* Every output may be input 0, whatever it is, but not its value: a loop's
 * changes. */
static firn_code infer_passed(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  for (size_t i = 0; i < q->out_count && q->in_count; i++) {
    const firn_dtype dtype = q->out[i].dtype;
    q->out[i] = q->in[0];
    q->out[i].ints = NULL;
    q->out[i].value = NULL;
    if (dtype) q->out[i].dtype = dtype;
  }
  return FIRN_OK;
}

/* ---- References --------------------------------------------------------- */

static firn_code drive_same(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  firn_run_give(run, 0, firn_tensor_retain(run->in[0]));
  return FIRN_OK;
}

static firn_code infer_select(firn_infer *q, firn_error *err) {
  firn_shape scalar;
  FIRN_TRY(firn_infer_rank(q, 0, 0, "index", &scalar, err));
  if (q->in_count == 2) q->out[0].shape = q->in[1].shape;
  return FIRN_OK;
}

static firn_code drive_select(const firn_run *run, firn_error *err) {
  const int64_t i = firn_tensor_i64(run->in[0], 0);
  if (i < 0 || (size_t)i >= run->in_count - 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "index is %lld, not in [0, %zu)", (long long)i,
                     run->in_count - 1);
  firn_run_give(run, 0, firn_tensor_retain(run->in[1 + i]));
  return FIRN_OK;
}

/* ---- Conditions --------------------------------------------------------- */

static firn_code drive_to_bool(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  bool *truth = run->out[0]->data;
  if (x->shape.rank)
    *truth = x->count > 0;
  else if (run->kernel->micro.table)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "no scalar %s is a truth",
                     firn_dtype_name(x->dtype));
  else if (x->dtype == FIRN_STRING)
    *truth = firn_tstring_get(x->data).size > 0;
  else
    *truth = firn_tensor_f64(x, 0) != 0;
  return FIRN_OK;
}

static firn_code infer_fake(firn_infer *q, firn_error *err) {
  return firn_attr_shape(q->node, "shape", &q->out[0].shape, err);
}

/* Nobody reads it: an empty tensor stands for what has no known shape. */
static firn_code drive_fake(const firn_run *run, firn_error *err) {
  firn_shape shape;
  firn_tensor *out = run->out[0];
  if (!out) {
    FIRN_TRY(firn_attr_shape(run->node, "shape", &shape, err));
    if (shape.rank < 0) shape = firn_shape_vector(0);
    for (int i = 0; i < shape.rank; i++)
      if (shape.dims[i] < 0) shape.dims[i] = 0;
    FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  }
  if (firn_dtype_is_plain(out->dtype))
    memset(out->data, 0, out->count * firn_dtype_size(out->dtype));
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel same[] = {
    {.drive = drive_same, .unaligned = ~0u},
    {.drive = NULL},
};
static const firn_kernel select_ref[] = {
    {.drive = drive_select, .unaligned = ~0u},
    {.drive = NULL},
};
static const char no_scalars[] = "";
static const firn_kernel to_bool[] = {
    {{{"T", FIRN_NUMBERS & ~FIRN_COMPLEXES}}, .drive = drive_to_bool},
    {{{"T", FIRN_BIT(FIRN_BOOL) | FIRN_BIT(FIRN_STRING)}},
     .drive = drive_to_bool},
    {{{"T", FIRN_ANY}}, /* only whether there are elements */
     .drive = drive_to_bool,
     .micro = {.table = no_scalars}},
    {.drive = NULL},
};
static const firn_kernel fake[] = {
    {.drive = drive_fake},
    {.drive = NULL},
};

#define PASSED(name) \
  { name, infer_passed, NULL, FIRN_OP_CONTROL }
#define CALLS(name) \
  { name, firn_infer_unknown, NULL, FIRN_OP_CONTROL }

static const firn_op ops[] = {
    PASSED("Switch"),
    PASSED("RefSwitch"),
    PASSED("_SwitchN"),
    PASSED("Enter"),
    PASSED("RefEnter"),
    PASSED("Exit"),
    PASSED("RefExit"),
    PASSED("NextIteration"),
    PASSED("RefNextIteration"),
    {"LoopCond", infer_passed, NULL, FIRN_OP_ALIAS}, /* outside of a loop */
    CALLS("Merge"),
    CALLS("RefMerge"),
    CALLS("If"),
    CALLS("StatelessIf"),
    CALLS("Case"),
    CALLS("StatelessCase"),
    CALLS("While"),
    CALLS("StatelessWhile"),
    CALLS("PartitionedCall"),
    CALLS("StatefulPartitionedCall"),
    {"RefIdentity", infer_passed, same, FIRN_OP_GIVES},
    {"RefSelect", infer_select, select_ref, FIRN_OP_GIVES},
    {"ToBool", firn_infer_scalar, to_bool, 0},
    {"FakeParam", infer_fake, fake, 0},
};

FIRN_OP_FAMILY(control, ops);
