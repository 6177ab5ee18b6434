/* tests/conformance/run_cases.c: runs the single nodes of a .cases file and
 * compares with what TensorFlow answered.
 *
 *   run_cases [-v] FILE.cases [WORD]
 *
 * Only cases with WORD in their name, if there is one. Each case runs with the
 * portable kernels and with all that this CPU has; what infer says with ever
 * less known must agree with the outputs. Every failing case is named, with its
 * largest difference. oracle/case_writer.py says how such a file is made, and
 * how it looks inside.
 */
#include "support/op_case.h"

#include "base/file.h"
#include "proto/messages.h"

typedef struct reader {
  firn_bytes left;
  bool damaged;
} reader;

typedef struct one_case {
  char name[160];
  double tol;
  uint32_t code, open;
  firn_bytes graph;
  size_t want_count;
  firn_tensor *want[OP_CASE_MAX];
  op_rig rig;
} one_case;

static firn_bytes take(reader *r, size_t size) {
  firn_bytes out = {r->left.data, size};
  if (size > r->left.size) {
    r->damaged = true;
    return (firn_bytes){NULL, 0};
  }
  r->left.data += size;
  r->left.size -= size;
  return out;
}

static uint32_t take_u32(reader *r) {
  const firn_bytes b = take(r, 4);
  return b.data ? firn_load32(b.data) : 0;
}

static firn_bytes take_text(reader *r) { return take(r, take_u32(r)); }

static firn_tensor *take_tensor(reader *r, one_case *c) {
  const firn_bytes bytes = take_text(r);
  firn_pb_TensorProto *pb = NULL;
  firn_tensor *tensor = NULL;
  if (r->damaged ||
      firn_pb_parse(&firn_pb_type_TensorProto, bytes, &c->rig.env.limits,
                    &c->rig.arena, (void **)&pb, &c->rig.err) != FIRN_OK ||
      firn_tensor_from_proto(pb, &c->rig.env, &tensor, &c->rig.err) != FIRN_OK)
    r->damaged = true;
  return tensor;
}

static void take_tensors(reader *r, one_case *c, firn_tensor **to,
                         size_t *count) {
  const uint32_t n = take_u32(r);
  if (n > OP_CASE_MAX) r->damaged = true;
  for (*count = 0; *count < n && !r->damaged; (*count)++)
    to[*count] = take_tensor(r, c);
}

static void take_case(reader *r, one_case *c) {
  memset(c, 0, sizeof *c);
  c->rig.env = firn_env_from(NULL);
  c->rig.env.threads = 1;
  firn_arena_init(&c->rig.arena, &c->rig.env.alloc);
  const firn_bytes name = take_text(r);
  snprintf(c->name, sizeof c->name, "%.*s", (int)name.size,
           name.data ? (const char *)name.data : "");
  c->graph = take_text(r);
  const firn_bytes tol = take(r, 8);
  if (tol.data) memcpy(&c->tol, tol.data, 8);
  c->code = take_u32(r);
  c->open = take_u32(r);
  take_tensors(r, c, c->rig.in, &c->rig.in_count);
  take_tensors(r, c, c->want, &c->want_count);
}

static void end_case(one_case *c) {
  for (size_t i = 0; i < c->want_count; i++) firn_tensor_release(c->want[i]);
  op_close(&c->rig);
}

/* ---- Judging ------------------------------------------------------------ */

static double element(const firn_tensor *t, size_t i) {
  if (t->dtype == FIRN_COMPLEX64) return (double)((float *)t->data)[i];
  if (t->dtype == FIRN_COMPLEX128) return ((double *)t->data)[i];
  return firn_tensor_f64(t, i);
}

/* The largest |have - want| / max(1, |want|); infinite for NaN against number.
 */
static double distance(const firn_tensor *have, const firn_tensor *want) {
  const bool pairs =
      have->dtype == FIRN_COMPLEX64 || have->dtype == FIRN_COMPLEX128;
  double worst = 0;
  for (size_t i = 0; i < have->count * (pairs ? 2 : 1); i++) {
    const double h = element(have, i), w = element(want, i);
    if (h == w || (isnan(h) && isnan(w))) continue;
    const double d = fabs(h - w) / (fabs(w) > 1 ? fabs(w) : 1);
    if (!(d <= worst)) worst = isnan(d) ? INFINITY : d;
  }
  return worst;
}

static bool same_exactly(const firn_tensor *have, const firn_tensor *want) {
  for (size_t i = 0; i < have->count; i++)
    if (!op_same_element(have, want, i, 0)) return false;
  return true;
}

static bool is_float_like(firn_dtype t) {
  return op_is_float(t) || t == FIRN_COMPLEX64 || t == FIRN_COMPLEX128;
}

static bool output_is_right(const one_case *c, size_t i, const char *how) {
  const firn_tensor *have = c->rig.out[i], *want = c->want[i];
  char th[256], tw[256];
  if (have->dtype != want->dtype ||
      !firn_shape_equal(&have->shape, &want->shape)) {
    printf("FAIL %s (%s): output %zu is %s %s, not %s %s\n", c->name, how, i,
           firn_dtype_name(have->dtype), firn_shape_text(&have->shape, th),
           firn_dtype_name(want->dtype), firn_shape_text(&want->shape, tw));
    return false;
  }
  if (c->open >> i & 1) return true;
  const double d = is_float_like(have->dtype) ? distance(have, want) : 0;
  if (is_float_like(have->dtype) ? d <= c->tol : same_exactly(have, want))
    return true;
  char *a = firn_tensor_json(have), *b = firn_tensor_json(want);
  printf(
      "FAIL %s (%s): output %zu differs by %g, may by %g\n  have %.600s\n"
      "  want %.600s\n",
      c->name, how, i, d, c->tol, a ? a : "?", b ? b : "?");
  free(a);
  free(b);
  return false;
}

static bool infer_is_right(one_case *c, int know) {
  op_rig *rig = &c->rig;
  firn_arena arena;
  firn_info in[OP_CASE_MAX], out[OP_CASE_MAX];
  bool right = true;
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

static bool refusal_is_right(const one_case *c, const char *how) {
  const firn_code code = c->rig.code;
  if (code == (firn_code)c->code || code == FIRN_INVALID_ARGUMENT) return true;
  if (code != FIRN_OK)
    printf("FAIL %s (%s): %s: %s\n", c->name, how, firn_code_name(code),
           c->rig.err.message);
  else
    printf("FAIL %s (%s): was not refused (%s)\n", c->name, how,
           firn_code_name((firn_code)c->code));
  return false;
}

static bool runs_right(one_case *c, uint32_t cpu, const char *how) {
  op_run(&c->rig, cpu);
  if (c->code) return refusal_is_right(c, how);
  if (c->rig.code != FIRN_OK) {
    printf("FAIL %s (%s): %s\n", c->name, how, c->rig.err.message);
    return false;
  }
  bool right = c->rig.out_count == c->want_count;
  for (size_t i = 0; right && i < c->want_count; i++)
    right = output_is_right(c, i, how);
  return right;
}

static bool open_node(one_case *c) {
  op_rig *rig = &c->rig;
  firn_pb_GraphDef *def = NULL;
  if (firn_pb_parse(&firn_pb_type_GraphDef, c->graph, &rig->env.limits,
                    &rig->arena, (void **)&def, &rig->err) != FIRN_OK ||
      firn_graph_import(def, NULL, &rig->env, &rig->graph, &rig->err) !=
          FIRN_OK ||
      firn_store_new(&rig->env, NULL, &rig->store, &rig->err) != FIRN_OK ||
      firn_packs_new(&rig->env, &rig->packs, &rig->err) != FIRN_OK)
    return false;
  rig->node = firn_graph_find(rig->graph, FIRN_STR("x"));
  if (!rig->node || rig->node->output_count > OP_CASE_MAX) return false;
  rig->out_count = rig->node->output_count;
  return true;
}

static bool case_is_right(one_case *c) {
  if (!open_node(c)) {
    printf("FAIL %s: %s\n", c->name, c->rig.err.message);
    return false;
  }
  bool right = runs_right(c, 0, "portable");
  if (right && firn_cpu_features())
    right = runs_right(c, firn_cpu_features(), "this CPU");
  for (int know = OP_KNOW_ALL; right && !c->code && know <= OP_KNOW_NOTHING;
       know++)
    right = infer_is_right(c, know);
  return right;
}

int main(int argc, char **argv) {
  static const char magic[] = "firn cases 1\n";
  const bool verbose = argc > 1 && !strcmp(argv[1], "-v");
  const char *path = argc > 1 + verbose ? argv[1 + verbose] : "";
  const char *word = argc > 2 + verbose ? argv[2 + verbose] : "";
  firn_error err = FIRN_ERROR_INIT;
  firn_file *file = NULL;
  if (firn_file_open(path, NULL, &file, &err) != FIRN_OK) {
    fprintf(stderr, "run_cases: %s\n", err.message);
    return 2;
  }
  reader r = {file->bytes, false};
  const firn_bytes head = take(&r, sizeof magic - 1);
  if (!head.data || memcmp(head.data, magic, head.size)) r.damaged = true;
  size_t run = 0, failed = 0;
  while (r.left.size && !r.damaged) {
    one_case c;
    take_case(&r, &c);
    if (!r.damaged && strstr(c.name, word)) {
      run++;
      if (verbose) printf("%s\n", c.name), fflush(stdout);
      failed += !case_is_right(&c);
    }
    end_case(&c);
  }
  if (r.damaged) fprintf(stderr, "run_cases: %s: damaged file\n", path);
  printf("%zu cases, %zu failed\n", run, failed);
  firn_file_close(file);
  return failed || r.damaged || !run;
}
