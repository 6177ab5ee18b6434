/* tests/conformance/run_cases.c: runs the single nodes of a .cases file and
 * compares with what TensorFlow answered.
 *
 *   run_cases [-v] FILE.cases [WORD]
 *
 * Only cases with WORD in their name, if there is one. Each case runs with the
 * portable kernels and with all that this CPU has, and as in a plan whose
 * floats are no constants, on two threads; what infer says with ever less known
 * must agree with the outputs. Every failing case is named, with its largest
 * difference. oracle/case_writer.py says how such a file is made, and how it
 * looks inside.
 */
#include "support/case_judge.h"

/* ---- Judging ------------------------------------------------------------ */

static bool infer_is_right(one_case *c, int know) {
  op_rig *rig = &c->rig;
  firn_arena arena;
  firn_info in[OP_CASE_MAX], out[OP_CASE_MAX];
  bool right = chain_infer(&c->before, rig, know, c->name);
  firn_arena_init(&arena, &rig->env.alloc);
  for (size_t i = 0; i < rig->in_count; i++) {
    in[i] = firn_info_of(rig->in[i], &arena);
    op_forget(&in[i], know);
  }
  if (firn_infer_node(rig->node, in, rig->in_count, out, rig->out_count, &arena,
                      &rig->err) != FIRN_OK) {
    printf("FAIL %s: infer (level %d): %s\n", c->name, know, rig->err.message);
    right = false;
  }
  for (size_t i = 0; right && i < rig->out_count; i++)
    if (!op_agrees(&out[i], rig->out[i])) {
      char said[256], is[256];
      printf("FAIL %s: infer (level %d) said output %zu is %s, it is %s\n",
             c->name, know, i, firn_shape_text(&out[i].shape, said),
             firn_shape_text(&rig->out[i]->shape, is));
      right = false;
    }
  firn_arena_fini(&arena);
  return right;
}

/* Nodes with state start anew in every run, as they did for TensorFlow. */
static void renew_store(op_rig *rig) {
  firn_store_free(rig->store);
  rig->store = NULL;
  if (firn_store_new(&rig->env, NULL, &rig->store, NULL) != FIRN_OK) abort();
}

static bool runs_right(one_case *c, uint32_t cpu, const char *how) {
  renew_store(&c->rig);
  if (chain_run(&c->before, &c->rig, cpu)) op_run(&c->rig, cpu);
  if (c->code)
    return case_refusal_is_right(c, c->rig.code, c->rig.err.message, how);
  if (c->rig.code != FIRN_OK) {
    printf("FAIL %s (%s): %s\n", c->name, how, c->rig.err.message);
    return false;
  }
  bool right = c->rig.out_count == c->want_count;
  for (size_t i = 0; right && i < c->want_count; i++)
    right = case_output_is_right(c, i, c->rig.out[i], how);
  return right;
}

/* ---- As a step of a plan --------------------------------------------------
 */

typedef struct plan_step {
  firn_arena arena;
  firn_info in[OP_CASE_MAX], out[OP_CASE_MAX];
  firn_tensor *aligned[OP_CASE_MAX], *made[OP_CASE_MAX];
  firn_tensor *outs[OP_CASE_MAX];
  firn_pool *pool;
  firn_prepare p;
  void *scratch;
} plan_step;

/* False when there is nothing to test: no prepare, or shapes that only the run
 * knows. */
static bool step_open(plan_step *s, one_case *c, const firn_kernel *kernel) {
  op_rig *rig = &c->rig;
  rig->env.threads = 2;
  for (size_t i = 0; i < rig->in_count; i++)
    s->in[i] = firn_info_of(rig->in[i], &s->arena);
  if (firn_infer_node(rig->node, s->in, rig->in_count, s->out, rig->out_count,
                      &s->arena, &rig->err) != FIRN_OK)
    return false;
  for (size_t i = 0; i < rig->out_count; i++)
    if (!firn_shape_known(&s->out[i].shape) ||
        firn_tensor_make(s->out[i].dtype, &s->out[i].shape, &rig->env.alloc,
                         &s->made[i], NULL) != FIRN_OK)
      return false;
  for (size_t i = 0; i < rig->in_count; i++) {
    if (case_is_float_like(s->in[i].dtype)) s->in[i].value = NULL;
    if (firn_tensor_copy(rig->in[i], &rig->env.alloc, &s->aligned[i], NULL) !=
        FIRN_OK)
      return false;
  }
  s->p = (firn_prepare){.node = rig->node,
                        .kernel = kernel,
                        .in_count = rig->in_count,
                        .out_count = rig->out_count,
                        .in = s->in,
                        .out = s->out,
                        .env = &rig->env,
                        .cpu = firn_cpu_features(),
                        .packs = rig->packs};
  return firn_pool_new(2, &rig->env.alloc, &s->pool, NULL) == FIRN_OK;
}

static firn_code step_drive(plan_step *s, one_case *c) {
  op_rig *rig = &c->rig;
  FIRN_TRY(s->p.kernel->prepare(&s->p, &rig->err));
  if (s->p.scratch)
    s->scratch = firn_new_aligned(&rig->env.alloc, s->p.scratch);
  memcpy(s->outs, s->made, sizeof s->outs);
  const firn_run run = {.node = rig->node,
                        .kernel = s->p.kernel,
                        .state = s->p.state,
                        .in_count = rig->in_count,
                        .out_count = rig->out_count,
                        .in = s->aligned,
                        .out = s->outs,
                        .scratch = s->scratch,
                        .pool = s->pool,
                        .env = &rig->env,
                        .cpu = s->p.cpu,
                        .store = rig->store,
                        .made = s->made};
  return s->p.kernel->drive(&run, &rig->err);
}

static void step_close(plan_step *s, one_case *c) {
  op_rig *rig = &c->rig;
  if (s->p.state && s->p.free_state) s->p.free_state(s->p.state, &rig->env);
  if (s->scratch)
    firn_delete_aligned(&rig->env.alloc, s->scratch, s->p.scratch);
  for (size_t i = 0; i < rig->in_count; i++) firn_tensor_release(s->aligned[i]);
  for (size_t i = 0; i < rig->out_count; i++) firn_tensor_release(s->made[i]);
  firn_pool_free(s->pool);
  firn_arena_fini(&s->arena);
}

static bool runs_as_step(one_case *c) {
  const firn_op *op = firn_op_of(c->rig.node);
  const firn_kernel *kernel =
      op ? firn_op_kernel(op, c->rig.node, firn_cpu_features()) : NULL;
  if (!kernel || !kernel->prepare || (op->flags & FIRN_OP_GIVES)) return true;
  plan_step s = {.pool = NULL};
  bool right = true;
  firn_arena_init(&s.arena, &c->rig.env.alloc);
  if (step_open(&s, c, kernel)) {
    right = step_drive(&s, c) == FIRN_OK;
    if (!right) printf("FAIL %s (step): %s\n", c->name, c->rig.err.message);
    for (size_t i = 0; right && i < c->want_count; i++)
      right = case_output_is_right(c, i, s.outs[i], "step");
  }
  step_close(&s, c);
  return right;
}

static bool case_is_right(one_case *c) {
  if (!case_open(c)) {
    printf("FAIL %s: %s\n", c->name, c->rig.err.message);
    return false;
  }
  bool right = runs_right(c, 0, "portable");
  if (right && firn_cpu_features())
    right = runs_right(c, firn_cpu_features(), "this CPU");
  if (right && !c->code) right = runs_as_step(c);
  for (int know = OP_KNOW_ALL; right && !c->code && know <= OP_KNOW_NOTHING;
       know++)
    right = infer_is_right(c, know);
  return right;
}

int main(int argc, char **argv) {
  return case_run_file(argc, argv, "cases", case_is_right);
}
