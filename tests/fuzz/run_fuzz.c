/* Whatever graph comes in, its inputs and outputs are guessed, it is planned
 * and run, twice, with small feeds and under tight limits: each time there is a
 * result for every fetch or an error, and an end. Graphs that would write or
 * read files are left out. */
#include <stdlib.h>

#include "model/model.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

enum {
  MOST_FEEDS = 8,
  MOST_FETCHES = 4,
  MOST_ELEMENTS = 2000,
  MOST_STEPS = 1500,
  MOST_NODES = 400,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- What is left out --------------------------------------------------- */

static bool has_files(firn_str name) {
  static const char *const families[] = {"candidate", "checkpoint_io", "report",
                                         "summary", "text_file"};
  const firn_op *op = firn_op_find(name);
  if (firn_str_is(name, "InitializeTableFromTextFile") ||
      firn_str_is(name, "InitializeTableFromTextFileV2"))
    return true;
  for (size_t f = 0; op && f < firn_op_family_count(); f++) {
    const firn_op_family *family = firn_op_family_at(f);
    if (op < family->ops || op >= family->ops + family->count) continue;
    for (size_t i = 0; i < FIRN_COUNT(families); i++)
      if (!strcmp(family->name, families[i])) return true;
  }
  return false;
}

static bool is_harmless(const firn_pb_GraphDef *def) {
  size_t nodes = def->node_count;
  for (size_t i = 0; i < def->node_count; i++)
    if (has_files(def->node[i]->op)) return false;
  for (size_t i = 0; def->library && i < def->library->function_count; i++) {
    const firn_pb_FunctionDef *f = def->library->function[i];
    nodes += f->node_def_count;
    for (size_t k = 0; k < f->node_def_count; k++)
      if (has_files(f->node_def[k]->op)) return false;
  }
  return nodes <= MOST_NODES;
}

/* ---- Feeds -------------------------------------------------------------- */

static uint32_t random_state;

static uint32_t random_below(uint32_t below) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) % below;
}

static void fill(firn_tensor *t) {
  if (t->dtype == FIRN_STRING) {
    static const char *const words[] = {"", "a", "12",
                                        "some longer words here"};
    for (size_t i = 0; i < t->count; i++)
      (void)!firn_tensor_set_string(t, i, firn_str_of(words[random_below(4)]),
                                    NULL);
    return;
  }
  for (size_t i = 0; i < t->count; i++) {
    const int64_t value = (int64_t)random_below(7) - 2;
    char *at = (char *)t->data + i * firn_dtype_size(t->dtype);
    switch (t->dtype) {
      case FIRN_FLOAT: *(float *)at = (float)value / 2; break;
      case FIRN_DOUBLE: *(double *)at = (double)value / 2; break;
      case FIRN_INT32: *(int32_t *)at = (int32_t)value; break;
      case FIRN_INT64: *(int64_t *)at = value; break;
      case FIRN_BOOL: *(bool *)at = value > 0; break;
      default: memset(at, (int)random_below(2), firn_dtype_size(t->dtype));
    }
  }
}

/* A tensor that fits the guess; NULL where none small enough does. */
static firn_tensor *feed_for(const firn_guess *guess) {
  firn_shape shape = guess->shape;
  firn_tensor *tensor = NULL;
  int64_t count;
  if (shape.rank < 0) {
    shape.rank = (int)random_below(4);
    for (int i = 0; i < shape.rank; i++) shape.dims[i] = FIRN_UNKNOWN_DIM;
  }
  for (int i = 0; i < shape.rank; i++)
    if (shape.dims[i] < 0) shape.dims[i] = random_below(4);
  if (!firn_shape_count(&shape, &count) || count > MOST_ELEMENTS ||
      !firn_dtype_size(guess->dtype) || firn_dtype_is_handle(guess->dtype) ||
      firn_tensor_new(guess->dtype, shape.rank, shape.dims, NULL, &tensor,
                      NULL) != FIRN_OK)
    return NULL;
  fill(tensor);
  return tensor;
}

/* ---- Runs --------------------------------------------------------------- */

typedef struct request {
  firn_arena arena;
  firn_feed feeds[MOST_FEEDS];
  const char *fetches[MOST_FETCHES];
  size_t feed_count, fetch_count;
  const char *target;
} request;

static bool enough(void *ud) { return --*(int *)ud < 0; }

static firn_code run(firn_session *session, const request *r) {
  firn_tensor *out[MOST_FETCHES];
  firn_error err = FIRN_ERROR_INIT;
  int left = MOST_STEPS;
  const firn_run_options options = {
      .size = sizeof options, .cancelled = enough, .ud = &left};
  const firn_code code = firn_session_run(
      session, &options, r->feeds, r->feed_count, r->fetches, r->fetch_count,
      &r->target, r->target != NULL, out, &err);
  MUST(code == err.code && (code == FIRN_OK) == (err.message[0] == 0));
  MUST(code != FIRN_INTERNAL);
  for (size_t i = 0; i < r->fetch_count; i++) {
    MUST((code == FIRN_OK) == (out[i] != NULL));
    firn_tensor_release(out[i]);
  }
  firn_error_clear(&err);
  return code;
}

static void make_request(const firn_model *model, request *r) {
  firn_guess guesses[MOST_FEEDS];
  size_t n = firn_model_guess_inputs(model, guesses, MOST_FEEDS);
  for (size_t i = 0; i < n && i < MOST_FEEDS; i++) {
    firn_feed *feed = &r->feeds[r->feed_count];
    feed->tensor = feed_for(&guesses[i]);
    feed->name = firn_arena_cstr(&r->arena, guesses[i].node);
    if (feed->tensor) r->feed_count++;
  }
  n = firn_model_guess_outputs(model, guesses, MOST_FETCHES);
  for (size_t i = 0; i < n && i < MOST_FETCHES; i++)
    r->fetches[r->fetch_count++] = firn_arena_cstr(&r->arena, guesses[i].node);
  const firn_graph *graph = model->graph;
  if (graph->node_count)
    r->target = firn_arena_cstr(
        &r->arena, graph->nodes[random_below(graph->node_count)]->def->name);
}

static void run_all(const firn_model *model, const firn_options *options) {
  request r = {0};
  firn_session *session = NULL;
  firn_arena_init(&r.arena, NULL);
  make_request(model, &r);
  MUST(firn_session_new(model->graph, options, &session, NULL) == FIRN_OK);
  for (int i = 0; i < 2; i++) (void)!run(session, &r);
  r.target = NULL; /* and each output by itself */
  const size_t count = r.fetch_count;
  for (size_t i = 0; i < count; i++) {
    r.fetches[0] = r.fetches[i];
    r.fetch_count = 1;
    (void)!run(session, &r);
  }
  for (size_t i = 0; i < r.feed_count; i++)
    firn_tensor_release(r.feeds[i].tensor);
  firn_session_free(session);
  firn_arena_fini(&r.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = 1;
  options.baseline = size % 2;
  options.limits = (firn_limits){.tensor_bytes = 1 << 16,
                                 .iterations = 20,
                                 .call_depth = 8,
                                 .plan_bytes = 1 << 20};
  firn_model model = {.env = firn_env_from(&options),
                      .kind = FIRN_MODEL_GRAPH,
                      .tensorflow = ""};
  random_state = 1;
  for (size_t i = 0; i < size; i++) random_state = random_state * 31 + data[i];
  if (firn_graph_parse((firn_bytes){data, size}, &options, &model.graph,
                       NULL) != FIRN_OK)
    return 0;
  firn_arena_init(&model.arena, NULL);
  pthread_mutex_init(&model.lock, NULL);
  if (is_harmless(model.graph->def)) run_all(&model, &options);
  pthread_mutex_destroy(&model.lock);
  firn_graph_free(model.graph);
  firn_arena_fini(&model.arena);
  return 0;
}
