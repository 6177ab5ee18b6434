/* cli/cmd_run.c: `firn run MODEL --feed NAME=FILE --fetch NAME[=FILE]` computes
 * outputs.
 *
 * With --signature the names are the signature's keys; without, those of the
 * default signature where all names are among its keys, else tensor names. What
 * is fetched without a file is printed: type, shape and shortened value. With
 * --runs a file says what to run, in order and in one session; --save writes
 * what its variables are then. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

enum { LONGEST_NAME = 4096 };

typedef struct job {
  const firn_args *args;
  firn_model *model;
  firn_session *session;
} job;

/* One run, with what is to be released after it. */
typedef struct task {
  const job *job;
  const firn_signature *signature;
  const firn_named_file *feeds, *fetches;
  size_t feed_count, fetch_count;
  const char *const *targets;
  size_t target_count;
  firn_named_file *defaults; /* fetches that nobody named; their names are ours
                                where there is no signature */
  firn_feed *tensors;
  const char **outputs;
  firn_tensor **results;
} task;

static firn_code no_memory(firn_error *err) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
}

/* ---- Names -------------------------------------------------------------- */

static bool is_key(const firn_signature *s, bool input, const char *name) {
  const char *tensor;
  return !strchr(name, ':') &&
         firn_signature_tensor_name(s, input, name, &tensor, NULL) == FIRN_OK;
}

/* The default signature, if that is what the names speak of. */
static void guess_signature(task *t) {
  const firn_signature *s = NULL;
  if (firn_model_signature(t->job->model, NULL, &s, NULL) != FIRN_OK) return;
  if (!t->feed_count && !t->fetch_count && t->target_count) return;
  for (size_t i = 0; i < t->feed_count; i++)
    if (!is_key(s, true, t->feeds[i].name)) return;
  for (size_t i = 0; i < t->fetch_count; i++)
    if (!is_key(s, false, t->fetches[i].name)) return;
  t->signature = s;
}

/* Without --fetch and --target: all outputs of the signature, else the guess.
 */
static firn_code default_fetches(task *t, firn_error *err) {
  const firn_signature *s = t->signature;
  firn_guess guess[8];
  size_t count =
      s ? s->output_count : firn_model_guess_outputs(t->job->model, guess, 8);
  if (!s && count > 8) count = 8;
  if (count == 0)
    return firn_misuse(err, "what is wanted? Give --fetch or --target");
  t->defaults = calloc(count, sizeof *t->defaults);
  if (!t->defaults) return no_memory(err);
  t->fetches = t->defaults;
  t->fetch_count = count;
  for (size_t i = 0; i < count; i++) {
    t->defaults[i].name =
        s ? s->outputs[i].key : strndup(guess[i].node.data, guess[i].node.size);
    if (!t->defaults[i].name) return no_memory(err);
  }
  return FIRN_OK;
}

/* ---- Feeds -------------------------------------------------------------- */

/* An image is fed to what wants a batch of images, and as floats where those
 * are wanted: a batch of one, values 0 to 255. */
static firn_code fit_image(firn_tensor **image, firn_dtype dtype,
                           const firn_shape *shape, firn_error *err) {
  const firn_tensor *have = *image;
  const bool batch = shape->rank == firn_tensor_rank(have) + 1;
  const bool floats = dtype == FIRN_FLOAT;
  if (firn_tensor_dtype(have) != FIRN_UINT8 || firn_tensor_rank(have) != 3 ||
      (!batch && !floats))
    return FIRN_OK;
  firn_tensor *out = NULL;
  int64_t dims[4] = {1};
  memcpy(dims + batch, firn_tensor_dims(have), 3 * sizeof *dims);
  FIRN_TRY(firn_tensor_new(floats ? FIRN_FLOAT : FIRN_UINT8, 3 + batch, dims,
                           NULL, &out, err));
  const uint8_t *from = firn_tensor_const_data(have);
  if (floats) {
    float *to = firn_tensor_data(out);
    for (size_t i = 0; i < firn_tensor_count(have); i++) to[i] = from[i];
  } else {
    memcpy(firn_tensor_data(out), from, firn_tensor_bytes(have));
  }
  firn_tensor_release(*image);
  *image = out;
  return FIRN_OK;
}

static firn_code read_feed(task *t, size_t i, firn_error *err) {
  const char *name = t->feeds[i].name, *tensor = NULL;
  firn_shape shape;
  if (!t->feeds[i].file)
    return firn_misuse(err, "there is no file for feed '%s'", name);
  FIRN_TRY(firn_signature_tensor_name(t->signature, true, name, &tensor, err));
  const firn_dtype dtype = firn_look_up(t->job->model, tensor, &shape);
  t->tensors[i].name = name;
  firn_code code =
      firn_tensor_read(t->feeds[i].file, dtype, &t->job->args->options,
                       &t->tensors[i].tensor, err);
  if (code == FIRN_OK)
    code = fit_image(&t->tensors[i].tensor, dtype, &shape, err);
  return code == FIRN_OK ? code : firn_while(err, code, "feed '%s'", name);
}

/* ---- Results ------------------------------------------------------------ */

static firn_code hand_out(const task *t, FILE *out, firn_error *err) {
  for (size_t i = 0; i < t->fetch_count; i++) {
    if (t->fetches[i].file)
      FIRN_TRY(firn_tensor_write(t->results[i], t->fetches[i].file, err));
    else
      FIRN_TRY(firn_print_value(out, t->fetches[i].name, t->results[i],
                                t->job->args->json, err));
  }
  return FIRN_OK;
}

/* ---- One run ------------------------------------------------------------ */

static firn_code compute(task *t, firn_error *err) {
  t->outputs = calloc(t->fetch_count + 1, sizeof *t->outputs);
  t->results = calloc(t->fetch_count + 1, sizeof *t->results);
  t->tensors = calloc(t->feed_count + 1, sizeof *t->tensors);
  if (!t->outputs || !t->results || !t->tensors) return no_memory(err);
  for (size_t i = 0; i < t->fetch_count; i++)
    t->outputs[i] = t->fetches[i].name;
  for (size_t i = 0; i < t->feed_count; i++) FIRN_TRY(read_feed(t, i, err));
  const firn_call call = {.size = sizeof call,
                          .signature = t->signature,
                          .inputs = t->tensors,
                          .input_count = t->feed_count,
                          .outputs = t->outputs,
                          .output_count = t->fetch_count,
                          .targets = t->targets,
                          .target_count = t->target_count};
  const firn_run_options options = {.size = sizeof options, .no_waiting = true};
  return firn_model_run(t->job->model, t->job->session, &call, &options,
                        t->results, err);
}

static void task_fini(task *t) {
  for (size_t i = 0; t->tensors && i < t->feed_count; i++)
    firn_tensor_release(t->tensors[i].tensor);
  for (size_t i = 0; t->results && i < t->fetch_count; i++)
    firn_tensor_release(t->results[i]);
  for (size_t i = 0; t->defaults && !t->signature && i < t->fetch_count; i++)
    free((char *)t->defaults[i].name);
  free(t->defaults);
  free(t->tensors);
  free(t->outputs);
  free(t->results);
}

static firn_code run_once(const job *j, const firn_script_run *run, FILE *out,
                          firn_error *err) {
  task t = {.job = j,
            .feeds = run->feeds,
            .fetches = run->fetches,
            .feed_count = run->feed_count,
            .fetch_count = run->fetch_count,
            .targets = run->targets,
            .target_count = run->target_count};
  firn_code code = FIRN_OK;
  if (run->signature)
    code = firn_model_signature(j->model, run->signature, &t.signature, err);
  else
    guess_signature(&t);
  if (code == FIRN_OK && !t.fetch_count && !t.target_count)
    code = default_fetches(&t, err);
  if (code == FIRN_OK) code = compute(&t, err);
  if (code == FIRN_OK) code = hand_out(&t, out, err);
  task_fini(&t);
  return code;
}

/* ---- What to run -------------------------------------------------------- */

static firn_code take_pairs(const firn_args *args, const char *flag,
                            firn_named_file *list, size_t count,
                            firn_error *err) {
  char name[LONGEST_NAME];
  for (size_t i = 0; i < count; i++) {
    const char *pair = firn_args_nth(args, flag, i);
    FIRN_TRY(firn_split_pair(pair, name, sizeof name, &list[i].file, err));
    if (!strcmp(flag, "--feed") && !list[i].file)
      return firn_misuse(err, "'--feed %s' is no NAME=FILE", pair);
    list[i].name = strdup(name);
    if (!list[i].name) return no_memory(err);
  }
  return FIRN_OK;
}

/* The run that the flags describe. */
static firn_code run_flags(const job *j, FILE *out, firn_error *err) {
  const firn_args *args = j->args;
  firn_script_run run = {.signature = firn_args_get(args, "--signature")};
  run.feed_count = firn_args_count(args, "--feed");
  run.fetch_count = firn_args_count(args, "--fetch");
  run.target_count = firn_args_count(args, "--target");
  firn_named_file *feeds = calloc(run.feed_count + 1, sizeof *feeds);
  firn_named_file *fetches = calloc(run.fetch_count + 1, sizeof *fetches);
  const char **targets = calloc(run.target_count + 1, sizeof *targets);
  firn_code code = feeds && fetches && targets ? FIRN_OK : no_memory(err);
  if (code == FIRN_OK)
    code = take_pairs(args, "--feed", feeds, run.feed_count, err);
  if (code == FIRN_OK)
    code = take_pairs(args, "--fetch", fetches, run.fetch_count, err);
  for (size_t i = 0; code == FIRN_OK && i < run.target_count; i++)
    targets[i] = firn_args_nth(args, "--target", i);
  run.feeds = feeds;
  run.fetches = fetches;
  run.targets = targets;
  if (code == FIRN_OK) code = run_once(j, &run, out, err);
  for (size_t i = 0; feeds && i < run.feed_count; i++)
    free((char *)feeds[i].name);
  for (size_t i = 0; fetches && i < run.fetch_count; i++)
    free((char *)fetches[i].name);
  free(feeds);
  free(fetches);
  free(targets);
  return code;
}

static firn_code run_script(const job *j, const char *path, FILE *out,
                            firn_error *err) {
  firn_script *script = NULL;
  firn_code code = FIRN_OK;
  FIRN_TRY(firn_script_read(path, &j->args->options, &script, err));
  for (size_t i = 0; code == FIRN_OK && i < firn_script_count(script); i++) {
    code = run_once(j, firn_script_at(script, i), out, err);
    if (code != FIRN_OK && !firn_is_misuse(err))
      firn_while(err, code, "run %zu", i);
  }
  firn_script_free(script);
  return code;
}

/* A session that is to be saved need not be run. */
static bool only_saves(const firn_args *args) {
  return firn_args_has(args, "--save") && !firn_args_has(args, "--feed") &&
         !firn_args_has(args, "--fetch") && !firn_args_has(args, "--target");
}

static firn_code save(const job *j, firn_error *err) {
  const char *prefix = firn_args_get(j->args, "--save");
  firn_save_options options = {.size = sizeof options};
  if (!prefix) return FIRN_OK;
  return firn_model_save(j->model, j->session, prefix, &options, err);
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  static const char *const single[] = {"--signature", "--feed", "--fetch",
                                       "--target"};
  job j = {.args = args};
  const char *script = firn_args_get(args, "--runs");
  for (size_t i = 0; script && i < sizeof single / sizeof single[0]; i++)
    if (firn_args_has(args, single[i]))
      return firn_misuse(err, "with --runs the file says it all, not '%s'",
                         single[i]);
  firn_code code = firn_args_model(args, &j.model, err);
  if (code == FIRN_OK)
    code = firn_model_session(j.model, &args->options, &j.session, err);
  if (code == FIRN_OK) code = firn_set_variables(args, j.model, j.session, err);
  if (code == FIRN_OK && script)
    code = run_script(&j, script, out, err);
  else if (code == FIRN_OK && !only_saves(args))
    code = run_flags(&j, out, err);
  if (code == FIRN_OK) code = save(&j, err);
  firn_session_free(j.session);
  firn_model_close(j.model);
  return code;
}

static const firn_flag flags[] = {
    FIRN_MODEL_FLAGS,
    {"--signature", "KEY", "names are this signature's keys",
     "--signature_def"},
    {"--feed", "NAME=FILE", "a tensor from .npy, .npz, .json or an image",
     NULL},
    {"--fetch", "NAME[=FILE]", "a wanted tensor, to .npy or .json", NULL},
    {"--target", "NODE", "a node to run for its effect", NULL},
    {"--runs", "FILE.json", "several runs, one after the other in one session",
     NULL},
    {"--set", "NAME=FILE", "before that give a variable a value", NULL},
    {"--save", "PREFIX", "afterwards write the variables as a checkpoint",
     NULL},
    {0},
};

const firn_command firn_cmd_run = {
    .name = "run",
    .usage = "MODEL [--feed NAME=FILE]... [--fetch NAME[=FILE]]...",
    .summary = "compute outputs of a model",
    .min_args = 1,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
