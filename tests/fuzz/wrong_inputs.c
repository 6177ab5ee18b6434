/* fuzz/wrong_inputs.c: feeds every op what it was not made for.
 *
 *   wrong_inputs [-s SEED] [-n ROUNDS] [-t SECONDS] [-o OP] [-r ROUND]
 *                [FILE.cases]...
 *
 * A round builds one node and runs it by firn_eval_run. Some nodes are drawn by
 * the op's definition: any attrs that it may have, any inputs. Where the files
 * hold cases of the op, most are one of these with one to three things changed:
 * an extent, a type, some values, an attr; those get deeper.
 *
 * Whatever comes out, it must be a result or an error that says which input,
 * output or attr is wrong. Found out are: crashes and what sanitizers say;
 * rounds without end; memory out of proportion, lost, or freed with a wrong
 * size; outputs that depend on what lay in memory before; FIRN_INTERNAL;
 * messages that name nothing; results that are not what infer said of them with
 * less known. Now and then an allocation fails.
 *
 * Each op runs in a process of its own. A finding prints what repeats it:
 *
 *   wrong_inputs -s SEED -o OP -r ROUND FILE.cases...
 */
#define _GNU_SOURCE /* nftw, memmem */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/wrong_node.h"
#include "support/case_file.h"
#include "support/failing.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SLOW 1
#endif
#endif
#ifndef SLOW
#define SLOW 0
#endif

enum {
  TENSOR_BYTES = 16 << 20,
  MOST_AT_ONCE = 4 * TENSOR_BYTES,
  MOST_IN_ALL = 16 * TENSOR_BYTES,
  ROUND_SECONDS = SLOW ? 20 : 5,
  MOST_FINDINGS = 8, /* of one op */
};

/* ---- What is asked for ---------------------------------------------------
 */

typedef struct known_case {
  firn_str op;
  firn_bytes bytes;
} known_case;

static uint64_t seed = 1, rounds = 20, only_round = UINT64_MAX;
static double seconds;
static const char *only_op;
static known_case *cases;
static size_t case_count;
static char folder[] = "/tmp/wrong_inputs.XXXXXX";

/* What a process that dies leaves behind. */
typedef struct shared {
  uint64_t round;
  uint32_t findings;
  uint64_t runs, fine;
  char what[400];
} shared;

static shared *now;
static firn_str now_op;

__attribute__((format(printf, 1, 2))) static void finding(const char *fmt,
                                                          ...) {
  va_list args;
  va_start(args, fmt);
  printf("%.*s round %llu (%s): ", FIRN_ARG(now_op),
         (unsigned long long)now->round, now->what);
  vprintf(fmt, args);
  printf("\n");
  fflush(stdout);
  va_end(args);
  now->findings++;
}

/* ---- Memory ---------------------------------------------------------------
 */

typedef struct guard {
  failing f;
  uint8_t fill;
} guard;

static void *guard_resize(void *ud, void *ptr, size_t old_size,
                          size_t new_size) {
  guard *g = ud;
  if (new_size > MOST_AT_ONCE) {
    finding("wants %zu bytes at once", new_size);
    return NULL;
  }
  void *out = failing_resize(&g->f, ptr, old_size, new_size);
  if (out && new_size > old_size)
    memset((char *)out + old_size, g->fill, new_size - old_size);
  return out;
}

static void guard_judge(const guard *g) {
  if (g->f.live) finding("loses %zu bytes", g->f.live);
  if (g->f.wrong_size) finding("frees a block with a wrong size");
  if (g->f.peak > MOST_IN_ALL) finding("takes %zu bytes in all", g->f.peak);
}

/* ---- Judging --------------------------------------------------------------
 */

static bool is_word(const char *at, const char *text, size_t size) {
  const char before = at > text ? at[-1] : ' ', after = at[size];
#define IN_WORD(c) ((c) == '_' || ((c) >= 'a' && (c) <= 'z'))
  return !IN_WORD(before) && !IN_WORD(after);
#undef IN_WORD
}

static bool says(const char *text, firn_str word) {
  for (const char *at = text; *at; at++)
    if (!strncmp(at, word.data, word.size) && is_word(at, text, word.size))
      return true;
  return false;
}

/* Whether the message names an argument or attr, or what the op works on, or
 * has a line that lists the inputs. */
static bool names_something(const firn_pb_OpDef *def, const firn_error *err,
                            const char *message) {
  static const char *const things[] = {"input", "inputs", "output", "attr",
                                       "outputs"};
  for (size_t i = 0; i < firn_error_count(err); i++)
    for (size_t k = 0; k < def->input_arg_count; k++)
      if (says(firn_error_line(err, i), def->input_arg[k]->name)) return true;
  for (size_t i = 0; i < FIRN_COUNT(things); i++)
    if (says(message, firn_str_of(things[i]))) return true;
  for (size_t i = 0; i < def->input_arg_count; i++)
    if (says(message, def->input_arg[i]->name)) return true;
  for (size_t i = 0; i < def->output_arg_count; i++)
    if (says(message, def->output_arg[i]->name)) return true;
  for (size_t i = 0; i < def->attr_count; i++)
    if (says(message, def->attr[i]->name)) return true;
  return false;
}

static void judge_error(const op_rig *rig) {
  const char *message = rig->err.message, *text = strstr(message, "): ");
  if (rig->code == FIRN_INTERNAL || strstr(message, "as was inferred"))
    finding("%s: %s", firn_code_name(rig->code), message);
  else if (strncmp(message, "node '", 6) || !text || !text[3])
    finding("%s with the message '%s'", firn_code_name(rig->code), message);
  else if ((rig->code == FIRN_INVALID_ARGUMENT ||
            rig->code == FIRN_OUT_OF_RANGE) &&
           !names_something(rig->node->type->def, &rig->err, text + 3))
    finding("names nothing: %s", text + 3);
}

/* Nothing in the node's inputs keeps a state. */
static bool is_pure(const op_rig *rig) {
  if (firn_op_stateful(rig->node)) return false;
  for (size_t i = 0; i < rig->in_count; i++)
    if (firn_dtype_is_handle(rig->in[i]->dtype)) return false;
  for (size_t i = 0; i < rig->out_count; i++)
    if (firn_dtype_is_handle(rig->node->output_types[i])) return false;
  return true;
}

/* What infer says with ever less known of inputs that ran. */
static void judge_infer(op_rig *rig, bool ran) {
  for (int know = OP_KNOW_ALL; know <= OP_KNOW_NOTHING; know++) {
    firn_arena arena;
    firn_info in[OP_CASE_MAX], out[OP_CASE_MAX];
    firn_arena_init(&arena, &rig->env.alloc);
    for (size_t i = 0; i < rig->in_count; i++) {
      in[i] = firn_info_of(rig->in[i], &arena);
      op_forget(&in[i], know);
    }
    const firn_code code = firn_infer_node(rig->node, in, rig->in_count, out,
                                           rig->out_count, &arena, &rig->err);
    if (ran && code != FIRN_OK)
      finding("runs, but infer (level %d) says: %s", know, rig->err.message);
    for (size_t i = 0; ran && code == FIRN_OK && i < rig->out_count; i++)
      if (!op_agrees(&out[i], rig->out[i])) {
        char said[256], is[256];
        finding("infer (level %d) said output %zu is %s, it is %s", know, i,
                firn_shape_text(&out[i].shape, said),
                firn_shape_text(&rig->out[i]->shape, is));
      }
    firn_arena_fini(&arena);
  }
}

/* Runs the node twice over memory that holds different bytes. */
static void judge_memory(op_rig *rig, guard *g) {
  firn_tensor *first[OP_CASE_MAX];
  memcpy(first, rig->out, sizeof first);
  memset(rig->out, 0, sizeof rig->out);
  g->fill ^= 0xff;
  op_run(rig, 0);
  if (rig->code != FIRN_OK) finding("fails in its second run");
  for (size_t i = 0; i < rig->out_count; i++) {
    const firn_tensor *a = first[i], *b = rig->out[i];
    bool same = !b || (a->count == b->count && a->dtype == b->dtype);
    for (size_t k = 0; b && same && k < a->count; k++)
      same = op_same_element(a, b, k, 0);
    if (!same) finding("output %zu is not the same in a second run", i);
    firn_tensor_release(first[i]);
  }
}

static void judge(op_rig *rig, guard *g) {
  if (wrong_chance(4)) g->f.fail_at = g->f.count + 1 + wrong_below(40);
  const bool scarce = g->f.fail_at != 0;
  op_run(rig, 0);
  now->runs++;
  now->fine += rig->code == FIRN_OK;
  if (rig->code != FIRN_OK && !(scarce && rig->code != FIRN_INTERNAL))
    judge_error(rig);
  g->f.fail_at = 0;
  const bool ran = rig->code == FIRN_OK;
  if (ran && is_pure(rig)) judge_memory(rig, g);
  judge_infer(rig, ran && is_pure(rig));
  if (firn_cpu_features()) op_run(rig, firn_cpu_features());
  if (is_pure(rig) && ran != (rig->code == FIRN_OK) && !scarce)
    finding("%s with what this CPU has: %s", firn_code_name(rig->code),
            rig->err.message);
}

/* ---- A node by its definition --------------------------------------------
 */

/* Types of the inputs; false when there are too many for a test. */
static bool input_types(const firn_node *node, int *types, size_t *count) {
  firn_arg_walk walk = firn_walk_inputs(node);
  *count = 0;
  for (int type; (type = firn_arg_next(&walk)) >= 0;) {
    if (*count == OP_CASE_MAX - 1) return false;
    types[(*count)++] = type;
  }
  return node->output_count <= OP_CASE_MAX;
}

static bool import(op_rig *rig, firn_pb_NodeDef **nodes, size_t count) {
  firn_pb_GraphDef *def = firn_arena_zeroed(&rig->arena, sizeof *def);
  def->node = nodes;
  def->node_count = count;
  firn_graph_free(rig->graph);
  rig->graph = NULL;
  if (firn_graph_import(def, NULL, &rig->env, &rig->graph, &rig->err) !=
      FIRN_OK)
    return false;
  rig->node = firn_graph_find(rig->graph, FIRN_STR("x"));
  return rig->node != NULL;
}

/* Draws attrs, a few times where no kernel would take them. */
static firn_pb_NodeDef *draw_node(op_rig *rig, const firn_pb_OpDef *def,
                                  const wrong_style *style) {
  firn_pb_NodeDef *node = NULL;
  for (int i = 0; i < 5; i++) {
    node = wrong_new_node(rig, def, style);
    if (!import(rig, &node, 1)) return NULL;
    const firn_op *op = firn_op_of(rig->node);
    if (!op || !op->kernels || firn_op_kernel(op, rig->node, 0)) break;
  }
  return node;
}

static firn_tensor *make_handle(op_rig *rig, const firn_node *node,
                                const wrong_source *source,
                                const wrong_style *style) {
  firn_tensor *in[4] = {NULL}, *out[4] = {NULL};
  firn_variable *variable = NULL;
  size_t n = 0;
  for (; n < FIRN_COUNT(in) && source->in[n]; n++) {
    const char *text = source->in[n];
    in[n] = op_tensor_at(&text, &rig->env, &rig->arena);
  }
  const firn_eval eval = {.node = node, .env = &rig->env, .store = rig->store};
  if (node->output_count <= FIRN_COUNT(out) &&
      firn_eval_run(&eval, in, n, out, node->output_count, &rig->err) ==
          FIRN_OK &&
      wrong_chance(80) &&
      firn_variable_of(out[0], &variable, NULL) == FIRN_OK) {
    const firn_shape shape = wrong_shape(style);
    FIRN_UNUSED(!firn_variable_assign(
        variable,
        wrong_tensor(firn_variable_dtype(variable), &shape, style, &rig->env),
        NULL));
  }
  for (size_t i = 0; i < n; i++) firn_tensor_release(in[i]);
  for (size_t i = 1; i < FIRN_COUNT(out); i++) firn_tensor_release(out[i]);
  return out[0];
}

static firn_tensor *draw_input(op_rig *rig, size_t i, int type,
                               const wrong_source *source,
                               const wrong_style *style) {
  firn_shape shape = wrong_shape(style);
  firn_tensor *t = NULL;
  if (source && wrong_chance(90)) {
    const firn_str name = firn_arena_printf(&rig->arena, "in%zu", i);
    t = make_handle(rig, firn_graph_find(rig->graph, name), source, style);
    if (t && wrong_chance(90)) return t;
    if (t) {
      firn_tensor *more = wrong_reshaped(t, &shape, style, &rig->env);
      firn_tensor_release(t);
      return more;
    }
  }
  wrong_style own = *style;
  if (wrong_chance(40)) own.ints = (int)wrong_below(INTS);
  if (type > FIRN_REF_OFFSET) shape = firn_shape_scalar();
  if (!firn_dtype_size((firn_dtype)type)) type = FIRN_FLOAT;
  return wrong_tensor((firn_dtype)type, &shape, &own, &rig->env);
}

static bool draw_round(op_rig *rig, const firn_pb_OpDef *def) {
  int types[OP_CASE_MAX];
  const wrong_source *sources[OP_CASE_MAX] = {NULL};
  firn_pb_NodeDef *nodes[OP_CASE_MAX + 1];
  const wrong_style style = wrong_any_style(def->name);
  snprintf(now->what, sizeof now->what, "drawn");
  firn_pb_NodeDef *node = draw_node(rig, def, &style);
  if (!node || !input_types(rig->node, types, &rig->in_count)) {
    rig->in_count = 0;
    return false;
  }
  const size_t count = rig->in_count;
  rig->in_count = 0;
  node->input = firn_arena_array(&rig->arena, count, sizeof *node->input);
  for (size_t i = 0; i < count; i++) {
    const firn_str name = firn_arena_printf(&rig->arena, "in%zu", i);
    const char *op = "Placeholder dtype=float";
    if (firn_dtype_is_handle(types[i])) {
      sources[i] = wrong_any_source(types[i]);
      op = firn_arena_printf(&rig->arena, sources[i]->op, wrong_type_of(node))
               .data;
    }
    nodes[i] = op_parse(rig, name.data, op);
    node->input[node->input_count++] = name;
  }
  nodes[count] = node;
  if (!import(rig, nodes, count + 1) ||
      firn_store_new(&rig->env, NULL, &rig->store, &rig->err) != FIRN_OK ||
      firn_packs_new(&rig->env, &rig->packs, &rig->err) != FIRN_OK)
    return false;
  rig->out_count = rig->node->output_count;
  for (; rig->in_count < count; rig->in_count++)
    rig->in[rig->in_count] =
        draw_input(rig, rig->in_count, types[rig->in_count],
                   sources[rig->in_count], &style);
  if (wrong_chance(1) && rig->in_count)
    firn_tensor_release(rig->in[--rig->in_count]);
  return true;
}

/* ---- A case with something changed ---------------------------------------
 */

static firn_pb_NodeDef *node_x(const firn_pb_GraphDef *def) {
  for (size_t i = 0; i < def->node_count; i++)
    if (firn_str_is(def->node[i]->name, "x")) return def->node[i];
  return NULL;
}

/* Gives the inputs the types that changed attrs want, most of the time. */
static void follow_types(op_rig *rig, const wrong_style *style) {
  int types[OP_CASE_MAX];
  size_t count;
  if (!input_types(rig->node, types, &count) || wrong_chance(5)) return;
  for (size_t i = 0; i < count && i < rig->in_count; i++) {
    firn_tensor *old = rig->in[i];
    if (types[i] == (int)old->dtype || firn_dtype_is_handle(types[i]) ||
        firn_dtype_is_handle(old->dtype) ||
        !firn_dtype_size((firn_dtype)types[i]))
      continue;
    rig->in[i] = wrong_cast(old, (firn_dtype)types[i], style, &rig->env);
    firn_tensor_release(old);
  }
}

static void change_inputs(firn_tensor **in, size_t count,
                          const wrong_style *style, const firn_env *env) {
  for (size_t n = 1 + wrong_below(2); n-- && count;) {
    const size_t i = wrong_below(count);
    if (!firn_dtype_is_ref(in[i]->dtype))
      in[i] = wrong_change(in[i], style, env);
  }
}

static bool change_case(one_case *c, const firn_pb_OpDef *def) {
  op_rig *rig = &c->rig;
  const wrong_style style = wrong_any_style(def->name);
  firn_pb_GraphDef *graph = case_graph(c);
  firn_pb_NodeDef *x = graph ? node_x(graph) : NULL;
  const bool attrs = wrong_chance(35);
  if (x && attrs)
    for (size_t n = 1 + wrong_below(2); n--;)
      wrong_change_node(rig, x, def, &style);
  if (!x || !case_import(c, graph)) return false;
  if (c->before.many && wrong_chance(30))
    change_inputs(c->before.feed, c->before.fed, &style, &rig->env);
  if (!chain_run(&c->before, rig, 0)) return false;
  if (attrs) follow_types(rig, &style);
  if (!attrs || wrong_chance(40))
    change_inputs(rig->in, rig->in_count, &style, &rig->env);
  return true;
}

/* ---- For who repeats a round ---------------------------------------------
 */

static void describe(const op_rig *rig) {
  firn_buf text;
  char shape[256];
  firn_buf_init(&text, &rig->env.alloc);
  if (firn_pb_write_text(&firn_pb_type_NodeDef, rig->node->def,
                         firn_sink_buf(&text), NULL) == FIRN_OK)
    printf("%.*s", (int)text.size, (const char *)text.data);
  firn_buf_fini(&text);
  for (size_t i = 0; i < rig->in_count; i++) {
    char *values = firn_tensor_json(rig->in[i]);
    printf("  input %zu: %s %s %.1000s\n", i,
           firn_dtype_name(rig->in[i]->dtype),
           firn_shape_text(&rig->in[i]->shape, shape), values ? values : "");
    free(values);
  }
  fflush(stdout);
}

static void describe_end(const op_rig *rig) {
  printf("%s: %s\n", firn_code_name(rig->code),
         rig->code == FIRN_OK ? "" : rig->err.message);
}

/* ---- Rounds ---------------------------------------------------------------
 */

static const known_case *any_case(firn_str op) {
  size_t count = 0;
  for (size_t i = 0; i < case_count; i++) count += firn_str_eq(cases[i].op, op);
  size_t left = wrong_below(count);
  for (size_t i = 0; count && i < case_count; i++)
    if (firn_str_eq(cases[i].op, op) && left-- == 0) return &cases[i];
  return NULL;
}

static void one_round(const firn_pb_OpDef *def, uint64_t round) {
  guard g = {.fill = 0xa5};
  const firn_allocator alloc = {guard_resize, &g};
  firn_options options = FIRN_OPTIONS_INIT;
  options.allocator = &alloc;
  options.limits.tensor_bytes = TENSOR_BYTES;
  options.limits.iterations = 100000;
  options.threads = 1;
  now->round = round;
  now_op = def->name;
  now->what[0] = 0;
  wrong_seed(seed, def->name, round);
  const struct itimerval limit = {.it_value = {.tv_sec = ROUND_SECONDS}};
  setitimer(ITIMER_PROF, &limit, NULL);
  const known_case *known = wrong_chance(75) ? any_case(def->name) : NULL;
  one_case c = {.tol = 0};
  bool there;
  if (known) {
    case_reader r = {known->bytes, false};
    case_take(&r, &c, &options);
    snprintf(now->what, sizeof now->what, "case '%s'", c.name);
    there = change_case(&c, def);
  } else {
    c.rig.env = firn_env_from(&options);
    firn_arena_init(&c.rig.arena, &c.rig.env.alloc);
    there = draw_round(&c.rig, def);
  }
  if (there && only_round != UINT64_MAX) describe(&c.rig);
  if (there) judge(&c.rig, &g);
  if (there && only_round != UINT64_MAX) describe_end(&c.rig);
  case_end(&c);
  guard_judge(&g);
}

/* ---- Processes ------------------------------------------------------------
 */

static void too_long(int signal) {
  FIRN_UNUSED(signal);
  static const char text[] = "no end in sight\n";
  if (write(1, text, sizeof text - 1) < 0) _exit(4);
  _exit(3);
}

static double clock_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Ops that print must not do so here, unless somebody watches. */
static void keep_quiet(firn_str op) {
  const int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere < 0 || only_round != UINT64_MAX) return;
  if (firn_str_starts(op, FIRN_STR("Print"))) dup2(nowhere, 2);
  close(nowhere);
}

/* The rounds of one op from `first` on, in this process. */
static int rounds_of(const firn_pb_OpDef *def, uint64_t first) {
  const double end = clock_seconds() + seconds;
  signal(SIGPROF, too_long);
  keep_quiet(def->name);
  for (uint64_t i = first; seconds > 0 ? clock_seconds() < end : i < rounds;
       i++) {
    one_round(def, i);
    if (now->findings >= MOST_FINDINGS) break;
  }
  now->round = UINT64_MAX;
  return 0;
}

static void ended_badly(firn_str op, int status) {
  printf("%.*s round %lld (%s): ends with %s %d\n", FIRN_ARG(op),
         (long long)now->round, now->what,
         WIFSIGNALED(status) ? "signal" : "code",
         WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  fflush(stdout);
  now->findings++;
}

/* Goes on behind a round that killed its process. */
static uint32_t try_op(const firn_pb_OpDef *def) {
  now->findings = 0;
  if (only_round != UINT64_MAX) {
    one_round(def, only_round);
    return now->findings;
  }
  for (uint64_t first = 0; now->findings < MOST_FINDINGS;) {
    int status = 0;
    now->round = first;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) exit(rounds_of(def, first));
    if (child < 0 || waitpid(child, &status, 0) < 0) {
      perror("wrong_inputs");
      exit(2);
    }
    if (status) ended_badly(def->name, status);
    if (now->round == UINT64_MAX) break;
    first = now->round + 1;
  }
  return now->findings;
}

static int remove_one(const char *path, const struct stat *s, int kind,
                      struct FTW *at) {
  FIRN_UNUSED(s);
  FIRN_UNUSED(kind);
  FIRN_UNUSED(at);
  return remove(path);
}

/* Files that ops write go into a folder that goes away; what cases read from
 * the repository is linked there. */
static void go_to_folder(void) {
  char *root = realpath("tests", NULL);
  if (!mkdtemp(folder) || chdir(folder) ||
      (root && symlink(root, "tests") != 0)) {
    perror(folder);
    exit(2);
  }
  free(root);
}

/* ---- The files ------------------------------------------------------------
 */

static void know_case(firn_bytes bytes, one_case *c) {
  const firn_pb_GraphDef *graph = case_graph(c);
  const firn_pb_NodeDef *x = graph ? node_x(graph) : NULL;
  if (!x) return;
  if ((case_count & (case_count - 1)) == 0)
    cases = realloc(cases, (case_count ? case_count * 2 : 1) * sizeof *cases);
  char *op = malloc(x->op.size);
  if (!cases || !op) abort();
  memcpy(op, x->op.data, x->op.size);
  cases[case_count++] = (known_case){{op, x->op.size}, bytes};
}

/* The file stays open: its bytes are the cases'. */
static void know_file(const char *path) {
  static struct open_file {
    struct open_file *next;
    uint8_t *own;
    firn_file *file;
  } * files;
  struct open_file *one = calloc(1, sizeof *one);
  firn_error err = FIRN_ERROR_INIT;
  firn_bytes bytes;
  if (!one) abort();
  one->next = files;
  files = one;
  if (firn_file_open(path, NULL, &one->file, &err) != FIRN_OK ||
      !case_unpack(one->file->bytes, &bytes, &one->own)) {
    fprintf(stderr, "wrong_inputs: %s: %s\n", path, err.message);
    exit(2);
  }
  case_reader r = {bytes, false};
  case_begin(&r);
  while (r.left.size && !r.damaged) {
    const firn_bytes from = r.left;
    one_case c;
    case_take(&r, &c, NULL);
    if (!r.damaged)
      know_case((firn_bytes){from.data, from.size - r.left.size}, &c);
    case_end(&c);
  }
}

static void options(int argc, char **argv) {
  for (int c; (c = getopt(argc, argv, "s:n:t:o:r:")) != -1;) switch (c) {
      case 's': seed = strtoull(optarg, NULL, 10); break;
      case 'n': rounds = strtoull(optarg, NULL, 10); break;
      case 't': seconds = strtod(optarg, NULL); break;
      case 'o': only_op = optarg; break;
      case 'r': only_round = strtoull(optarg, NULL, 10); break;
      default:
        fprintf(stderr,
                "wrong_inputs [-s SEED] [-n ROUNDS] [-t SECONDS] [-o OP] "
                "[-r ROUND] [FILE.cases]...\n");
        exit(2);
    }
  for (int i = optind; i < argc; i++) know_file(argv[i]);
}

static uint32_t try_all(size_t *ops) {
  uint32_t findings = 0;
  for (size_t f = 0; f < firn_op_family_count(); f++) {
    const firn_op_family *family = firn_op_family_at(f);
    for (size_t i = 0; i < family->count; i++) {
      const char *name = family->ops[i].name;
      const firn_pb_OpDef *def = NULL;
      firn_arena arena;
      const firn_env env = firn_env_from(NULL);
      if (only_op && strcmp(only_op, name) != 0) continue;
      firn_arena_init(&arena, &env.alloc);
      if (firn_opdef_find(firn_str_of(name), &arena, &def, NULL) == FIRN_OK &&
          def)
        findings += try_op(def), ++*ops;
      firn_arena_fini(&arena);
    }
  }
  return findings;
}

int main(int argc, char **argv) {
  size_t ops = 0;
  now = mmap(NULL, sizeof *now, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (now == MAP_FAILED) return 2;
  options(argc, argv);
  go_to_folder();
  const uint32_t findings = try_all(&ops);
  nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  printf("%zu ops, %zu cases, %llu runs (%llu with a result), %u findings\n",
         ops, case_count, (unsigned long long)now->runs,
         (unsigned long long)now->fine, findings);
  return findings != 0;
}
