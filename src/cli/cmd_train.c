/* cli/cmd_train.c: `firn train MODEL --steps N --target OP --batch NAME=FILE
 * --save P` trains on.
 *
 * What trains is a node, that which a SavedModel says trains it, or a signature
 * (of TensorFlow 2's functions). A SavedModel is saved as one again.
 *
 * Row i of each batch file is fed at step i, and again from the first row when
 * there are more steps than rows; what is fetched is stacked by step. On a
 * terminal one line shows how far it is, elsewhere there are a few lines. An
 * interrupt ends training after the step that is under way, and what was
 * reached is saved. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"

enum {
  LONGEST_NAME = 4096,
  PLAIN_LINES = 10,  /* of progress where there is no terminal */
  FIRST_ROOM = 1024, /* steps that are stacked before room grows */
};

/* A tensor that is fed: the same in every step, or a row of it. */
typedef struct input {
  char *name;
  firn_tensor *whole;
  bool by_row;
} input;

/* A tensor that is fetched, with one row per step. */
typedef struct output {
  char *name;
  const char *file;
  firn_tensor *first; /* of the first step: type and shape of all of them */
  firn_tensor *rows;  /* room for `room` steps */
  uint64_t room;
  bool quiet; /* nobody asked for it: only the loss is looked at */
} output;

typedef struct job {
  const firn_args *args;
  firn_model *model;
  firn_session *session;
  firn_saver *saver;
  const firn_signature *signature;
  input *inputs;
  size_t input_count;
  output *outputs;
  size_t output_count;
  firn_feed *feeds;
  const char **fetches, **targets;
  size_t target_count;
  firn_tensor **results;
  uint64_t steps, done, saved_at, save_every;
  size_t loss; /* which output; SIZE_MAX: none */
  double loss_value;
  bool terminal;
  double started, shown;
} job;

static firn_code no_memory(firn_error *err) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
}

/* ---- Interrupts --------------------------------------------------------- */

static volatile sig_atomic_t interrupts;

static void on_interrupt(int number) {
  (void)number;
  interrupts = interrupts < 2 ? interrupts + 1 : 2;
}

/* The second interrupt does not wait for the step to end. */
static bool is_impatient(void *ud) {
  (void)ud;
  return interrupts > 1;
}

static void catch_interrupts(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

/* ---- The model ---------------------------------------------------------- */

/* The tags, joined by commas, of the first meta graph that is to be trained;
 * false when there is none, or their names are too long. */
static bool find_train_tags(const firn_model *model, char *out, size_t size) {
  for (size_t i = 0; i < firn_model_tag_set_count(model); i++) {
    bool trains = false, fits = true;
    size_t used = 0;
    firn_str tag;
    for (size_t k = 0; (tag = firn_model_tag(model, i, k)).data; k++) {
      trains = trains || (tag.size == 5 && !memcmp(tag.data, "train", 5));
      fits = fits && used + tag.size + 2 < size;
      if (!fits) break;
      if (k) out[used++] = ',';
      memcpy(out + used, tag.data, tag.size);
      used += tag.size;
    }
    out[used] = 0;
    if (trains && fits) return true;
  }
  return false;
}

/* Of a SavedModel's meta graphs that to train with, when no tags are given. */
static firn_code open_model(job *j, firn_error *err) {
  char tags[LONGEST_NAME];
  firn_model *any = NULL;
  const firn_model_options first = {.size = sizeof first, .tags = "*"};
  if (firn_args_has(j->args, "--tags") ||
      firn_model_open(j->args->value[0], &first, &j->args->options, &any,
                      NULL) != FIRN_OK)
    return firn_args_model(j->args, &j->model, err);
  const bool found = find_train_tags(any, tags, sizeof tags);
  firn_model_close(any);
  if (!found) return firn_args_model(j->args, &j->model, err);
  const firn_model_options o = {
      .size = sizeof o,
      .tags = tags,
      .checkpoint = firn_args_get(j->args, "--checkpoint")};
  return firn_model_open(j->args->value[0], &o, &j->args->options, &j->model,
                         err);
}

static bool is_saved_model(const job *j) {
  return firn_model_what(j->model) == FIRN_MODEL_SAVED_MODEL &&
         firn_model_tag_set_count(j->model);
}

/* ---- Words -------------------------------------------------------------- */

static firn_code take_count(const firn_args *args, const char *flag,
                            uint64_t *out, firn_error *err) {
  const char *text = firn_args_get(args, flag);
  char *end = NULL;
  if (!text) return FIRN_OK;
  const unsigned long long value = strtoull(text, &end, 10);
  if (!isdigit((unsigned char)text[0]) || *end || value < 1 ||
      value > INT32_MAX)
    return firn_misuse(err, "'%s' wants a number from 1, not '%s'", flag, text);
  *out = value;
  return FIRN_OK;
}

static firn_code read_input(job *j, const char *pair, bool by_row, input *in,
                            firn_error *err) {
  char name[LONGEST_NAME];
  const char *file = NULL, *tensor = NULL;
  firn_shape shape;
  FIRN_TRY(firn_split_pair(pair, name, sizeof name, &file, err));
  if (!file) return firn_misuse(err, "'%s' is no NAME=FILE", pair);
  FIRN_TRY(firn_signature_tensor_name(j->signature, true, name, &tensor, err));
  in->by_row = by_row;
  in->name = strdup(name);
  if (!in->name) return no_memory(err);
  const firn_code code =
      firn_tensor_read(file, firn_look_up(j->model, tensor, &shape),
                       &j->args->options, &in->whole, err);
  if (code != FIRN_OK) return firn_while(err, code, "feed '%s'", name);
  if (by_row &&
      (firn_tensor_rank(in->whole) < 1 || firn_tensor_dims(in->whole)[0] < 1))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "batch '%s': '%s' has no rows to feed one by one", name,
                     file);
  return FIRN_OK;
}

static firn_code take_inputs(job *j, firn_error *err) {
  const size_t rows = firn_args_count(j->args, "--batch");
  const size_t same = firn_args_count(j->args, "--feed");
  j->inputs = calloc(rows + same + 1, sizeof *j->inputs);
  j->feeds = calloc(rows + same + 1, sizeof *j->feeds);
  if (!j->inputs || !j->feeds) return no_memory(err);
  j->input_count = rows + same;
  for (size_t i = 0; i < rows; i++)
    FIRN_TRY(read_input(j, firn_args_nth(j->args, "--batch", i), true,
                        &j->inputs[i], err));
  for (size_t i = 0; i < same; i++)
    FIRN_TRY(read_input(j, firn_args_nth(j->args, "--feed", i), false,
                        &j->inputs[rows + i], err));
  return FIRN_OK;
}

static firn_code take_outputs(job *j, firn_error *err) {
  char name[LONGEST_NAME];
  j->output_count = firn_args_count(j->args, "--fetch");
  j->target_count = firn_args_count(j->args, "--target");
  j->outputs = calloc(j->output_count + 1, sizeof *j->outputs);
  j->fetches = calloc(j->output_count + 1, sizeof *j->fetches);
  j->results = calloc(j->output_count + 1, sizeof *j->results);
  j->targets = calloc(j->target_count + 2, sizeof *j->targets);
  if (!j->outputs || !j->fetches || !j->results || !j->targets)
    return no_memory(err);
  for (size_t i = 0; i < j->output_count; i++) {
    FIRN_TRY(firn_split_pair(firn_args_nth(j->args, "--fetch", i), name,
                             sizeof name, &j->outputs[i].file, err));
    j->outputs[i].name = strdup(name);
    if (!j->outputs[i].name) return no_memory(err);
    j->fetches[i] = j->outputs[i].name;
  }
  for (size_t i = 0; i < j->target_count; i++)
    j->targets[i] = firn_args_nth(j->args, "--target", i);
  if (j->target_count || j->signature) return FIRN_OK;
  j->targets[j->target_count++] = firn_saved_model_train_op(j->model);
  return FIRN_OK;
}

/* A signature whose outputs nobody asks for is run for all of them. */
static firn_code take_signature_outputs(job *j, firn_error *err) {
  const firn_signature *s = j->signature;
  if (!s || j->output_count || j->target_count) return FIRN_OK;
  free(j->outputs);
  free(j->fetches);
  free(j->results);
  j->outputs = calloc(s->output_count + 1, sizeof *j->outputs);
  j->fetches = calloc(s->output_count + 1, sizeof *j->fetches);
  j->results = calloc(s->output_count + 1, sizeof *j->results);
  if (!j->outputs || !j->fetches || !j->results) return no_memory(err);
  for (size_t i = 0; i < s->output_count; i++) {
    j->outputs[i].name = strdup(s->outputs[i].key);
    j->outputs[i].quiet = true;
    if (!j->outputs[i].name) return no_memory(err);
    j->fetches[i] = j->outputs[i].name;
    j->output_count++;
  }
  return FIRN_OK;
}

/* What cannot be done with a SavedModel. */
static firn_code check_saves(const job *j, firn_error *err) {
  if (!is_saved_model(j)) return FIRN_OK;
  if (j->save_every && !firn_args_has(j->args, "--step-suffix"))
    return firn_misuse(err,
                       "'--save-every' of a SavedModel wants '--step-suffix'");
  if (firn_args_has(j->args, "--keep"))
    return firn_misuse(err, "'--keep' is for checkpoints; SavedModels stay");
  return FIRN_OK;
}

static firn_code take_words(job *j, firn_error *err) {
  if (!firn_args_has(j->args, "--steps"))
    return firn_misuse(err, "how many steps? Give --steps N");
  if (!firn_args_has(j->args, "--target") &&
      !firn_args_has(j->args, "--signature") &&
      !firn_saved_model_train_op(j->model))
    return firn_misuse(err, "what trains? Give --target NODE");
  if (!firn_args_has(j->args, "--save"))
    return firn_misuse(err, "where to save? Give --save PREFIX");
  FIRN_TRY(take_count(j->args, "--steps", &j->steps, err));
  FIRN_TRY(take_count(j->args, "--save-every", &j->save_every, err));
  if (firn_args_has(j->args, "--signature"))
    FIRN_TRY(firn_model_signature(
        j->model, firn_args_get(j->args, "--signature"), &j->signature, err));
  FIRN_TRY(check_saves(j, err));
  FIRN_TRY(take_inputs(j, err));
  FIRN_TRY(take_outputs(j, err));
  return take_signature_outputs(j, err);
}

/* ---- Before the first step ---------------------------------------------- */

/* That the folder cannot be written to is better known before hours of
 * training. */
static firn_code check_writable(const job *j, firn_error *err) {
  firn_checkpoint_writer *w = NULL;
  firn_saved_model_writer *folder = NULL;
  if (is_saved_model(j)) {
    FIRN_TRY(firn_saved_model_writer_new(firn_args_get(j->args, "--save"), NULL,
                                         &j->args->options, &folder, err));
    firn_saved_model_abandon(folder);
    return FIRN_OK;
  }
  FIRN_TRY(firn_checkpoint_writer_create(firn_args_get(j->args, "--save"), NULL,
                                         &j->args->options, &w, err));
  firn_checkpoint_writer_abandon(w);
  return FIRN_OK;
}

/* What the checkpoint lacks is an error or, with --partial, initialised. */
static firn_code check_model(const job *j, firn_error *err) {
  size_t count = j->target_count, made = 0;
  if (firn_args_has(j->args, "--partial")) {
    FIRN_TRY(firn_model_initialize(j->model, j->session, &made, err));
    if (made)
      fprintf(stderr, "%zu variables that the checkpoint lacks are new\n",
              made);
    return FIRN_OK;
  }
  const char **names = calloc(count + j->output_count + 1, sizeof *names);
  if (!names) return no_memory(err);
  memcpy(names, j->targets, count * sizeof *names);
  for (size_t i = 0; !j->signature && i < j->output_count; i++)
    names[count++] = j->fetches[i];
  const firn_code code = firn_model_check(j->model, names, count, err);
  free(names);
  return code;
}

static firn_code initialise(const job *j, firn_error *err) {
  const char *init = firn_args_get(j->args, "--init");
  if (!init) return FIRN_OK;
  return firn_session_run(j->session, NULL, NULL, 0, NULL, 0, &init, 1, NULL,
                          err);
}

static firn_code prepare(job *j, firn_error *err) {
  int64_t step;
  uint64_t keep = 0;
  firn_saver_options o = {.size = sizeof o};
  FIRN_TRY(take_count(j->args, "--keep", &keep, err));
  o.max_to_keep = (int)keep;
  FIRN_TRY(check_writable(j, err));
  FIRN_TRY(firn_model_session(j->model, &j->args->options, &j->session, err));
  FIRN_TRY(initialise(j, err));
  FIRN_TRY(check_model(j, err));
  FIRN_TRY(firn_set_variables(j->args, j->model, j->session, err));
  if (firn_args_has(j->args, "--step-suffix"))
    FIRN_TRY(firn_model_global_step(j->model, j->session, &step, err));
  return firn_saver_new(j->model, &o, &j->saver, err);
}

/* ---- Progress ----------------------------------------------------------- */

static double clock_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void show_line(const job *j, double now) {
  const double took = now - j->started;
  const double speed = took > 0 ? (double)j->done / took : 0;
  const long left =
      speed > 0 ? (long)((double)(j->steps - j->done) / speed + 0.5) : 0;
  fprintf(stderr, "\rstep %" PRIu64 "/%" PRIu64, j->done, j->steps);
  if (j->loss != SIZE_MAX) fprintf(stderr, "  loss %g", j->loss_value);
  fprintf(stderr, "  %.3g steps/s  %ld:%02ld left \033[K", speed, left / 60,
          left % 60);
  fflush(stderr);
}

static void show_plain(const job *j) {
  const uint64_t each = (j->steps + PLAIN_LINES - 1) / PLAIN_LINES;
  if (j->done % each && j->done != j->steps) return;
  fprintf(stderr, "step %" PRIu64 "/%" PRIu64, j->done, j->steps);
  if (j->loss != SIZE_MAX) fprintf(stderr, "  loss %g", j->loss_value);
  fputc('\n', stderr);
}

static void show(job *j) {
  if (!j->terminal) {
    show_plain(j);
    return;
  }
  const double now = clock_now();
  if (now - j->shown < 0.1 && j->done != j->steps) return;
  j->shown = now;
  show_line(j, now);
}

/* ---- Steps
 * ------------------------------------------------------------------------------
 */

/* Row i as a tensor of its own; numbers are not copied. */
static firn_code row_of(const firn_tensor *whole, uint64_t i, firn_tensor **out,
                        firn_error *err) {
  const int64_t *dims = firn_tensor_dims(whole);
  const int rank = firn_tensor_rank(whole) - 1;
  const firn_dtype dtype = firn_tensor_dtype(whole);
  const size_t row = (size_t)(i % (uint64_t)dims[0]);
  const size_t count = firn_tensor_count(whole) / (size_t)dims[0];
  if (dtype != FIRN_STRING) {
    const size_t bytes = firn_tensor_bytes(whole) / (size_t)dims[0];
    char *data = (char *)(uintptr_t)firn_tensor_const_data(whole);
    return firn_tensor_wrap(dtype, rank, dims + 1, data + row * bytes, bytes,
                            NULL, NULL, NULL, out, err);
  }
  FIRN_TRY(firn_tensor_new(dtype, rank, dims + 1, NULL, out, err));
  for (size_t k = 0; k < count; k++)
    FIRN_TRY(firn_tensor_set_string(
        *out, k, firn_tensor_string(whole, row * count + k), err));
  return FIRN_OK;
}

static firn_code feed_step(job *j, firn_error *err) {
  for (size_t i = 0; i < j->input_count; i++) {
    const input *in = &j->inputs[i];
    j->feeds[i].name = in->name;
    if (in->by_row)
      FIRN_TRY(row_of(in->whole, j->done, &j->feeds[i].tensor, err));
    else
      j->feeds[i].tensor = firn_tensor_retain(in->whole);
  }
  return FIRN_OK;
}

/* A tensor for so many rows of what the first step gave. */
static firn_code new_rows(const firn_tensor *first, uint64_t steps,
                          firn_tensor **out, firn_error *err) {
  int64_t dims[FIRN_MAX_RANK + 1] = {(int64_t)steps};
  const int rank = firn_tensor_rank(first);
  memcpy(dims + 1, firn_tensor_dims(first), (size_t)rank * sizeof *dims);
  return firn_tensor_new(firn_tensor_dtype(first), rank + 1, dims, NULL, out,
                         err);
}

/* Copies all elements of `from` to `to` from element `at` on. */
static firn_code copy_elements(firn_tensor *to, size_t at,
                               const firn_tensor *from, size_t count,
                               firn_error *err) {
  const size_t width = firn_dtype_size(firn_tensor_dtype(from));
  if (firn_tensor_dtype(from) != FIRN_STRING) {
    if (count)
      memcpy((char *)firn_tensor_data(to) + at * width,
             firn_tensor_const_data(from), count * width);
    return FIRN_OK;
  }
  for (size_t i = 0; i < count; i++)
    FIRN_TRY(
        firn_tensor_set_string(to, at + i, firn_tensor_string(from, i), err));
  return FIRN_OK;
}

/* Makes the rows a tensor with room for `steps` of them; `done` are kept. */
static firn_code resize_rows(output *o, uint64_t steps, uint64_t done,
                             firn_error *err) {
  firn_tensor *rows = NULL;
  FIRN_TRY(new_rows(o->first, steps, &rows, err));
  firn_code code = FIRN_OK;
  if (o->rows)
    code = copy_elements(rows, 0, o->rows,
                         firn_tensor_count(o->first) * (size_t)done, err);
  firn_tensor_release(o->rows);
  o->rows = rows;
  o->room = steps;
  return code;
}

static firn_code stack_one(const job *j, output *o, firn_tensor *t,
                           firn_error *err) {
  if (!o->first) o->first = firn_tensor_retain(t);
  const int rank = firn_tensor_rank(t);
  if (rank != firn_tensor_rank(o->first) ||
      memcmp(firn_tensor_dims(t), firn_tensor_dims(o->first),
             (size_t)rank * sizeof(int64_t)) != 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%s' has another shape than in the first step, so that "
                     "steps cannot be stacked",
                     o->name);
  if (j->done == o->room) {
    const uint64_t twice = o->room ? 2 * o->room : FIRST_ROOM;
    FIRN_TRY(resize_rows(o, twice < j->steps ? twice : j->steps, j->done, err));
  }
  const size_t count = firn_tensor_count(t);
  return copy_elements(o->rows, count * (size_t)j->done, t, count, err);
}

/* The value of a scalar number; false for anything else. */
static bool scalar_value(const firn_tensor *t, double *out) {
  if (firn_tensor_count(t) != 1) return false;
  switch ((int)firn_tensor_dtype(t)) {
    case FIRN_FLOAT:
      *out = (double)*(const float *)firn_tensor_const_data(t);
      return true;
    case FIRN_DOUBLE:
      *out = *(const double *)firn_tensor_const_data(t);
      return true;
    case FIRN_HALF:
    case FIRN_BFLOAT16: break;
    default: return false;
  }
  char *text = firn_tensor_json(t);
  const char *at = text ? text + strspn(text, "[\"") : "";
  *out = strtod(at, NULL);
  free(text);
  return true;
}

static firn_code take_results(job *j, firn_error *err) {
  for (size_t i = 0; i < j->output_count; i++) {
    double value = 0;
    const bool number = scalar_value(j->results[i], &value);
    if (number && j->loss == SIZE_MAX && j->done == 0) j->loss = i;
    if (i == j->loss) j->loss_value = value;
    if (j->outputs[i].quiet) continue;
    FIRN_TRY(stack_one(j, &j->outputs[i], j->results[i], err));
  }
  return FIRN_OK;
}

static firn_code run_step(job *j, firn_error *err) {
  const firn_run_options options = {
      .size = sizeof options, .cancelled = is_impatient, .no_waiting = true};
  const firn_call call = {.size = sizeof call,
                          .signature = j->signature,
                          .inputs = j->feeds,
                          .input_count = j->input_count,
                          .outputs = j->fetches,
                          .output_count = j->output_count,
                          .targets = j->targets,
                          .target_count = j->target_count};
  firn_code code = feed_step(j, err);
  if (code == FIRN_OK)
    code =
        firn_model_run(j->model, j->session, &call, &options, j->results, err);
  if (code == FIRN_OK) code = take_results(j, err);
  for (size_t i = 0; i < j->input_count; i++) {
    firn_tensor_release(j->feeds[i].tensor);
    j->feeds[i].tensor = NULL;
  }
  for (size_t i = 0; i < j->output_count; i++) {
    firn_tensor_release(j->results[i]);
    j->results[i] = NULL;
  }
  return code;
}

/* ---- Saving
 * --------------------------------------------------------------------------------
 */

static firn_code save_model(const job *j, int64_t step, firn_error *err) {
  char folder[LONGEST_NAME];
  const char *name = firn_args_get(j->args, "--save");
  const int size =
      step < 0 ? snprintf(folder, sizeof folder, "%s", name)
               : snprintf(folder, sizeof folder, "%s-%" PRId64, name, step);
  if (size < 0 || (size_t)size >= sizeof folder)
    return firn_misuse(err, "the name after '--save' is too long");
  return firn_saved_model_save_again(j->model, j->session, folder, NULL, err);
}

static firn_code save(job *j, firn_error *err) {
  int64_t step = -1;
  if (firn_args_has(j->args, "--step-suffix"))
    FIRN_TRY(firn_model_global_step(j->model, j->session, &step, err));
  if (is_saved_model(j)) {
    FIRN_TRY(save_model(j, step, err));
    j->saved_at = j->done;
    return FIRN_OK;
  }
  FIRN_TRY(firn_saver_save(j->saver, j->session,
                           firn_args_get(j->args, "--save"), step, NULL, err));
  j->saved_at = j->done;
  return FIRN_OK;
}

static firn_code check_loss(const job *j, firn_error *err) {
  if (!firn_args_has(j->args, "--stop-on-nan") || j->loss == SIZE_MAX ||
      isfinite(j->loss_value))
    return FIRN_OK;
  return firn_fail(err, FIRN_FAILED_PRECONDITION,
                   "'%s' is %g at step %" PRIu64
                   "; nothing is saved of this "
                   "step",
                   j->outputs[j->loss].name, j->loss_value, j->done);
}

static firn_code train(job *j, firn_error *err) {
  j->started = clock_now();
  while (j->done < j->steps && !interrupts) {
    const firn_code code = run_step(j, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "step %" PRIu64, j->done + 1);
    j->done++;
    show(j);
    FIRN_TRY(check_loss(j, err));
    if (j->save_every && j->done % j->save_every == 0) FIRN_TRY(save(j, err));
  }
  return FIRN_OK;
}

/* ---- Afterwards
 * --------------------------------------------------------------------------------
 */

static firn_code hand_out(job *j, FILE *out, firn_error *err) {
  for (size_t i = 0; i < j->output_count; i++) {
    output *o = &j->outputs[i];
    if (!o->rows) continue;
    if (o->room != j->done) FIRN_TRY(resize_rows(o, j->done, j->done, err));
    if (o->file)
      FIRN_TRY(firn_tensor_write(o->rows, o->file, err));
    else
      FIRN_TRY(firn_print_value(out, o->name, o->rows, j->args->json, err));
  }
  return FIRN_OK;
}

/* What was reached is handed out and saved, also when a step failed for its
 * loss. */
static firn_code finish(job *j, firn_code code, FILE *out, firn_error *err) {
  if (j->terminal && j->done) fputc('\n', stderr);
  if (code != FIRN_OK) return code;
  if (j->saved_at != j->done || j->done == 0) FIRN_TRY(save(j, err));
  if (j->done < j->steps)
    fprintf(stderr, "stopped after %" PRIu64 " of %" PRIu64 " steps; saved\n",
            j->done, j->steps);
  return hand_out(j, out, err);
}

static void job_fini(job *j) {
  for (size_t i = 0; j->inputs && i < j->input_count; i++) {
    free(j->inputs[i].name);
    firn_tensor_release(j->inputs[i].whole);
  }
  for (size_t i = 0; j->outputs && i < j->output_count; i++) {
    free(j->outputs[i].name);
    firn_tensor_release(j->outputs[i].first);
    firn_tensor_release(j->outputs[i].rows);
  }
  free(j->inputs);
  free(j->outputs);
  free(j->feeds);
  free(j->fetches);
  free(j->results);
  free(j->targets);
  firn_saver_free(j->saver);
  firn_session_free(j->session);
  firn_model_close(j->model);
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  job j = {.args = args, .loss = SIZE_MAX, .terminal = isatty(STDERR_FILENO)};
  firn_code code = open_model(&j, err);
  if (code == FIRN_OK) code = take_words(&j, err);
  if (code == FIRN_OK) code = prepare(&j, err);
  if (code == FIRN_OK) {
    catch_interrupts();
    code = finish(&j, train(&j, err), out, err);
  }
  job_fini(&j);
  return code;
}

static const firn_flag flags[] = {
    FIRN_MODEL_FLAGS,
    {"--steps", "N", "how many steps", NULL},
    {"--target", "NODE", "the node that trains; a SavedModel may say it", NULL},
    {"--batch", "NAME=FILE", "row i is fed at step i", NULL},
    {"--feed", "NAME=FILE", "the same at every step", NULL},
    {"--fetch", "NAME[=FILE]", "stacked by step; the first scalar is the loss",
     NULL},
    {"--signature", "KEY", "names are this signature's keys; it may train",
     "--signature_def"},
    {"--save", "PREFIX", "where the variables go; a folder for a SavedModel",
     NULL},
    {"--save-every", "N", "save after every N steps as well", NULL},
    {"--step-suffix", NULL, "save as PREFIX-<global step>", NULL},
    {"--keep", "N", "with --step-suffix: how many stay; 5", "--max_to_keep"},
    {"--init", "NODE", "run this once before the first step", NULL},
    {"--set", "NAME=FILE", "before that give a variable a value", NULL},
    {"--partial", NULL, "initialise what the checkpoint lacks", NULL},
    {"--stop-on-nan", NULL, "end when the loss is no number", NULL},
    {0},
};

const firn_command firn_cmd_train = {
    .name = "train",
    .usage = "MODEL --steps N --target NODE --save PREFIX",
    .summary = "go on training a model, and save it",
    .min_args = 1,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
