/* cli/cmd_run.c: `firn run MODEL --feed NAME=FILE --fetch NAME[=FILE]` computes
 * outputs.
 *
 * With --signature the names are the signature's keys; without, tensor names. What
 * is fetched without a file is printed: type, shape and shortened value. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

enum { LONGEST_NAME = 4096 };

/* One --feed or --fetch: what the user said and what the graph says. */
typedef struct named {
  char *said, *tensor;
  const char *file;
} named;

typedef struct job {
  const firn_args *args;
  firn_model *model;
  firn_session *session;
  const firn_signature *signature;
  named *feeds, *fetches;
  size_t feed_count, fetch_count, target_count;
  firn_feed *tensors;
  firn_tensor **results;
} job;

static firn_code no_memory(firn_error *err) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
}

/* ---- Names --------------------------------------------------------------------- */

static firn_code find_signature(job *j, const char *key, firn_error *err) {
  for (size_t i = 0; i < firn_model_signature_count(j->model); i++) {
    j->signature = firn_model_signature_at(j->model, i);
    if (!strcmp(j->signature->key, key)) return FIRN_OK;
  }
  j->signature = NULL;
  firn_fail(err, FIRN_NOT_FOUND, "there is no signature '%s'", key);
  for (size_t i = 0; i < firn_model_signature_count(j->model); i++)
    firn_error_add(err, "there is '%s'",
                   firn_model_signature_at(j->model, i)->key);
  return FIRN_NOT_FOUND;
}

static const char *key_to_tensor(const firn_signature_tensor *list,
                                 size_t count, const char *key) {
  for (size_t i = 0; i < count; i++)
    if (!strcmp(list[i].key, key)) return list[i].tensor;
  return NULL;
}

/* Splits NAME=FILE and maps a signature's key to its tensor. */
static firn_code take_pair(const job *j, const char *pair, bool input,
                           named *out, firn_error *err) {
  char name[LONGEST_NAME];
  FIRN_TRY(firn_split_pair(pair, name, sizeof name, &out->file, err));
  const firn_signature *s = j->signature;
  const char *tensor = name;
  if (s) {
    tensor = input ? key_to_tensor(s->inputs, s->input_count, name)
                   : key_to_tensor(s->outputs, s->output_count, name);
    if (!tensor && strchr(name, ':')) tensor = name;
    if (!tensor)
      return firn_fail(err, FIRN_NOT_FOUND,
                       "signature '%s' has no %s '%s'", s->key,
                       input ? "input" : "output", name);
  }
  out->said = strdup(name);
  out->tensor = strdup(tensor);
  return out->said && out->tensor ? FIRN_OK : no_memory(err);
}

/* Without --fetch and --target: all outputs of the signature, else the guess. */
static firn_code default_fetches(job *j, firn_error *err) {
  const firn_signature *s = j->signature;
  firn_guess guess[8];
  size_t count = s ? s->output_count
                   : firn_model_guess_outputs(j->model, guess, 8);
  if (!s && count > 8) count = 8;
  if (count == 0)
    return firn_misuse(err, "what is wanted? Give --fetch or --target");
  free(j->fetches);
  j->fetches = calloc(count, sizeof *j->fetches);
  if (!j->fetches) return no_memory(err);
  j->fetch_count = count;
  for (size_t i = 0; i < count; i++) {
    j->fetches[i].said = s ? strdup(s->outputs[i].key)
                           : strndup(guess[i].node.data, guess[i].node.size);
    j->fetches[i].tensor =
        s ? strdup(s->outputs[i].tensor) : strdup(j->fetches[i].said);
    if (!j->fetches[i].said || !j->fetches[i].tensor) return no_memory(err);
  }
  return FIRN_OK;
}

static firn_code take_names(job *j, firn_error *err) {
  const char *key = firn_args_get(j->args, "--signature");
  if (key) FIRN_TRY(find_signature(j, key, err));
  for (size_t i = 0; i < j->feed_count; i++) {
    const char *pair = firn_args_nth(j->args, "--feed", i);
    FIRN_TRY(take_pair(j, pair, true, &j->feeds[i], err));
    if (!j->feeds[i].file)
      return firn_misuse(err, "'--feed %s' is no NAME=FILE", pair);
  }
  for (size_t i = 0; i < j->fetch_count; i++)
    FIRN_TRY(take_pair(j, firn_args_nth(j->args, "--fetch", i), false,
                       &j->fetches[i], err));
  if (j->fetch_count || j->target_count) return FIRN_OK;
  return default_fetches(j, err);
}

/* ---- Feeds --------------------------------------------------------------------- */

/* Type and shape that the graph gives a tensor; FIRN_INVALID when it has none of
 * that name (the session will say so, with near names). */
static firn_dtype look_up(const job *j, const char *tensor, firn_shape *shape) {
  const firn_graph *graph = firn_model_graph(j->model);
  char node[LONGEST_NAME];
  firn_shape shapes[64];
  const char *colon = strrchr(tensor, ':');
  const size_t k = colon ? (size_t)strtoul(colon + 1, NULL, 10) : 0;
  snprintf(node, sizeof node, "%.*s",
           (int)(colon ? (size_t)(colon - tensor) : strlen(tensor)), tensor);
  shape->rank = FIRN_UNKNOWN_RANK;
  const size_t i = graph ? firn_graph_find_node(graph, node) : SIZE_MAX;
  if (i == SIZE_MAX || k >= firn_graph_at(graph, i).outputs)
    return FIRN_INVALID;
  if (firn_graph_at(graph, i).outputs <= 64) {
    firn_model_shapes(j->model, i, shapes);
    *shape = shapes[k];
  }
  const int type = firn_graph_output_type(graph, i, k);
  return (firn_dtype)(type > 100 ? type - 100 : type);
}

/* An image is fed to what wants a batch of images, and as floats where those are
 * wanted: a batch of one, values 0 to 255. */
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

static firn_code read_feeds(job *j, firn_error *err) {
  for (size_t i = 0; i < j->feed_count; i++) {
    firn_shape shape;
    const firn_dtype dtype = look_up(j, j->feeds[i].tensor, &shape);
    j->tensors[i].name = j->feeds[i].tensor;
    firn_code code = firn_tensor_read(j->feeds[i].file, dtype,
                                      &j->args->options, &j->tensors[i].tensor,
                                      err);
    if (code == FIRN_OK)
      code = fit_image(&j->tensors[i].tensor, dtype, &shape, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "feed '%s'", j->feeds[i].said);
  }
  return FIRN_OK;
}

/* ---- Results ------------------------------------------------------------------- */

static firn_code print_result(FILE *out, const char *name,
                              const firn_tensor *t, bool json,
                              firn_error *err) {
  firn_shape shape = {.rank = firn_tensor_rank(t)};
  memcpy(shape.dims, firn_tensor_dims(t),
         (size_t)shape.rank * sizeof *shape.dims);
  char *text = json ? firn_tensor_json(t) : firn_tensor_text(t);
  if (!text) return no_memory(err);
  if (json) {
    fputs("{\"name\":", out);
    firn_put_json(out, (firn_str){name, strlen(name)});
    fprintf(out, ",\"dtype\":\"%s\",\"shape\":",
            firn_dtype_name(firn_tensor_dtype(t)));
    firn_put_json_shape(out, &shape);
    fprintf(out, ",\"value\":%s}\n", text);
  } else {
    fprintf(out, "%s\t%s\t", name, firn_dtype_name(firn_tensor_dtype(t)));
    firn_put_shape(out, &shape);
    fprintf(out, "\n%s\n", text);
  }
  free(text);
  return FIRN_OK;
}

static firn_code hand_out(const job *j, FILE *out, firn_error *err) {
  for (size_t i = 0; i < j->fetch_count; i++) {
    if (j->fetches[i].file)
      FIRN_TRY(firn_tensor_write(j->results[i], j->fetches[i].file, err));
    else
      FIRN_TRY(print_result(out, j->fetches[i].said, j->results[i],
                            j->args->json, err));
  }
  return FIRN_OK;
}

/* ---- The run --------------------------------------------------------------------- */

static firn_code compute(job *j, FILE *out, firn_error *err) {
  firn_code code = FIRN_OK;
  const char **fetches = calloc(j->fetch_count + 1, sizeof *fetches);
  const char **targets = calloc(j->target_count + 1, sizeof *targets);
  j->results = calloc(j->fetch_count + 1, sizeof *j->results);
  if (!fetches || !targets || !j->results) {
    code = no_memory(err);
    goto done;
  }
  for (size_t i = 0; i < j->fetch_count; i++)
    fetches[i] = j->fetches[i].tensor;
  for (size_t i = 0; i < j->target_count; i++)
    targets[i] = firn_args_nth(j->args, "--target", i);
  code = firn_session_run(j->session, NULL, j->tensors, j->feed_count, fetches,
                          j->fetch_count, targets, j->target_count, j->results,
                          err);
  if (code == FIRN_OK) code = hand_out(j, out, err);
done:
  free(fetches);
  free(targets);
  return code;
}

static void job_fini(job *j) {
  for (size_t i = 0; j->feeds && i < j->feed_count; i++) {
    free(j->feeds[i].said);
    free(j->feeds[i].tensor);
    if (j->tensors) firn_tensor_release(j->tensors[i].tensor);
  }
  for (size_t i = 0; j->fetches && i < j->fetch_count; i++) {
    free(j->fetches[i].said);
    free(j->fetches[i].tensor);
    if (j->results) firn_tensor_release(j->results[i]);
  }
  free(j->feeds);
  free(j->fetches);
  free(j->tensors);
  free(j->results);
  firn_session_free(j->session);
  firn_model_close(j->model);
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  job j = {.args = args};
  j.feed_count = firn_args_count(args, "--feed");
  j.fetch_count = firn_args_count(args, "--fetch");
  j.target_count = firn_args_count(args, "--target");
  j.feeds = calloc(j.feed_count + 1, sizeof *j.feeds);
  j.fetches = calloc(j.fetch_count + 1, sizeof *j.fetches);
  j.tensors = calloc(j.feed_count + 1, sizeof *j.tensors);
  firn_code code = j.feeds && j.fetches && j.tensors ? FIRN_OK : no_memory(err);
  if (code == FIRN_OK) code = firn_args_model(args, &j.model, err);
  if (code == FIRN_OK) code = take_names(&j, err);
  if (code == FIRN_OK) code = read_feeds(&j, err);
  if (code == FIRN_OK)
    code = firn_model_session(j.model, &args->options, &j.session, err);
  if (code == FIRN_OK) code = compute(&j, out, err);
  job_fini(&j);
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
