/* cli/cmd_inspect.c: `firn inspect MODEL` says what a model is; with --nodes,
 * what each node is. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

enum { MOST_GUESSES = 10 };

/* ---- --nodes ------------------------------------------------------------ */

static void print_output(const firn_args *args, FILE *out,
                         const firn_graph *graph, size_t node, size_t k,
                         const firn_shape *shape) {
  const char *name =
      firn_dtype_name((firn_dtype)firn_graph_output_type(graph, node, k));
  if (args->json) {
    fprintf(out, "%s{\"dtype\":\"%s\",\"shape\":", k ? "," : "", name);
    firn_print_json_shape(out, shape);
    fputc('}', out);
  } else {
    fprintf(out, "\t:%zu %s ", k, name);
    firn_print_shape(out, shape);
  }
}

/* One line: name, op, then each output's number, type and shape. */
static firn_code print_nodes(const firn_args *args, const firn_model *model,
                             FILE *out, firn_error *err) {
  const firn_graph *graph = firn_model_graph(model);
  for (size_t i = 0; i < firn_graph_count(graph); i++) {
    const firn_graph_node node = firn_graph_at(graph, i);
    firn_shape *shapes = calloc(node.outputs + 1, sizeof *shapes);
    if (!shapes)
      return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
    firn_model_shapes(model, i, shapes);
    if (args->json) {
      fputs("{\"name\":", out);
      firn_print_json(out, node.name);
      fputs(",\"op\":", out);
      firn_print_json(out, node.op);
      fputs(",\"outputs\":[", out);
    } else {
      fprintf(out, "%.*s\t%.*s", (int)node.name.size, node.name.data,
              (int)node.op.size, node.op.data);
    }
    for (size_t k = 0; k < node.outputs; k++)
      print_output(args, out, graph, i, k, &shapes[k]);
    fputs(args->json ? "]}\n" : "\n", out);
    free(shapes);
  }
  return FIRN_OK;
}

/* ---- The summary -------------------------------------------------------- */

/* `label` a tab, then the columns of a tensor; or a JSON object. */
static void print_tensor(const firn_args *args, FILE *out, const char *label,
                         firn_str name, firn_dtype dtype,
                         const firn_shape *shape) {
  if (args->json) {
    fprintf(out, "{\"%s\":", label);
    firn_print_json(out, name);
    fprintf(out, ",\"dtype\":\"%s\",\"shape\":", firn_dtype_name(dtype));
    firn_print_json_shape(out, shape);
    fputs("}\n", out);
  } else {
    fprintf(out, "%s\t%.*s\t%s\t", label, (int)name.size, name.data,
            firn_dtype_name(dtype));
    firn_print_shape(out, shape);
    fputc('\n', out);
  }
}

static void print_guesses(const firn_args *args, const firn_model *model,
                          FILE *out) {
  firn_guess guess[MOST_GUESSES];
  size_t n = firn_model_guess_inputs(model, guess, MOST_GUESSES);
  for (size_t i = 0; i < n && i < MOST_GUESSES; i++)
    print_tensor(args, out, "input", guess[i].node, guess[i].dtype,
                 &guess[i].shape);
  n = firn_model_guess_outputs(model, guess, MOST_GUESSES);
  for (size_t i = 0; i < n && i < MOST_GUESSES; i++)
    print_tensor(args, out, "output", guess[i].node, guess[i].dtype,
                 &guess[i].shape);
}

static void print_signature(const firn_args *args, FILE *out,
                            const firn_signature *s) {
  const char *kind[] = {"signature input", "signature output"};
  for (int o = 0; o < 2; o++) {
    const firn_signature_tensor *list = o ? s->outputs : s->inputs;
    const size_t count = o ? s->output_count : s->input_count;
    for (size_t i = 0; i < count; i++) {
      char label[512];
      if (args->json) {
        fprintf(out, "{\"signature\":");
        firn_print_json(out, (firn_str){s->key, strlen(s->key)});
        fprintf(out, ",\"%s\":", o ? "output" : "input");
        firn_print_json(out, (firn_str){list[i].key, strlen(list[i].key)});
        fputs(",\"tensor\":", out);
        firn_print_json(out,
                        (firn_str){list[i].tensor, strlen(list[i].tensor)});
        fprintf(out,
                ",\"dtype\":\"%s\",\"shape\":", firn_dtype_name(list[i].dtype));
        firn_print_json_shape(out, &list[i].shape);
        fputs("}\n", out);
        continue;
      }
      snprintf(label, sizeof label, "%s %s\t%s", kind[o], s->key, list[i].key);
      print_tensor(args, out, label,
                   (firn_str){list[i].tensor, strlen(list[i].tensor)},
                   list[i].dtype, &list[i].shape);
    }
  }
}

static void print_number(const firn_args *args, FILE *out, const char *label,
                         uint64_t value) {
  if (args->json)
    fprintf(out, "{\"%s\":%" PRIu64 "}\n", label, value);
  else
    fprintf(out, "%s\t%" PRIu64 "\n", label, value);
}

static void print_words(const firn_args *args, FILE *out, const char *label,
                        const char *words) {
  if (args->json) {
    fprintf(out, "{\"%s\":", label);
    firn_print_json(out, (firn_str){words, strlen(words)});
    fputs("}\n", out);
  } else {
    fprintf(out, "%s\t%s\n", label, words);
  }
}

/* Variables are counted by their nodes, parameters by the shapes these declare.
 */
static void print_variables(const firn_args *args, const firn_model *model,
                            FILE *out) {
  firn_model_size size;
  firn_model_measure(model, &size);
  print_number(args, out, "nodes", size.nodes);
  if (size.functions) print_number(args, out, "functions", size.functions);
  print_number(args, out, "variables", size.variables);
  print_number(args, out, "parameters", size.parameters);
  print_number(args, out, "parameter bytes", size.parameter_bytes);
  print_number(args, out, "constant bytes", size.constant_bytes);
}

static firn_code print_ops(const firn_args *args, const firn_model *model,
                           FILE *out, firn_error *err) {
  const size_t count = firn_model_ops(model, NULL, 0);
  firn_op_use *ops = calloc(count + 1, sizeof *ops);
  if (!ops) return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
  firn_model_ops(model, ops, count);
  for (size_t i = 0; i < count; i++) {
    if (args->json) {
      fputs("{\"op\":", out);
      firn_print_json(out, ops[i].op);
      fprintf(out, ",\"count\":%zu}\n", ops[i].count);
    } else {
      fprintf(out, "op\t%.*s\t%zu\n", (int)ops[i].op.size, ops[i].op.data,
              ops[i].count);
    }
  }
  free(ops);
  return FIRN_OK;
}

static void print_lack(const firn_args *args, FILE *out,
                       const firn_unsupported *lack) {
  if (args->json) {
    fputs("{\"unsupported\":", out);
    firn_print_json(out, lack->op);
    fputs(",\"node\":", out);
    firn_print_json(out, lack->node);
    if (lack->function.size) fputs(",\"function\":", out);
    if (lack->function.size) firn_print_json(out, lack->function);
    fputs("}\n", out);
    return;
  }
  fprintf(out, "unsupported\t%.*s\t%.*s", (int)lack->op.size, lack->op.data,
          (int)lack->node.size, lack->node.data);
  if (lack->function.size)
    fprintf(out, "\t%.*s", (int)lack->function.size, lack->function.data);
  fputc('\n', out);
}

static firn_code print_unsupported(const firn_args *args,
                                   const firn_model *model, FILE *out,
                                   firn_error *err) {
  const size_t count = firn_model_unsupported(model, NULL, 0);
  firn_unsupported *list = calloc(count + 1, sizeof *list);
  if (!list) return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
  firn_model_unsupported(model, list, count);
  for (size_t i = 0; i < count; i++) print_lack(args, out, &list[i]);
  free(list);
  return FIRN_OK;
}

static void print_assets(const firn_args *args, const firn_model *model,
                         FILE *out) {
  for (size_t i = 0; i < firn_model_asset_count(model); i++) {
    firn_str tensor;
    const char *path = firn_model_asset_at(model, i, &tensor);
    if (args->json) {
      fputs("{\"asset\":", out);
      firn_print_json(out, (firn_str){path, strlen(path)});
      fputs(",\"tensor\":", out);
      firn_print_json(out, tensor);
      fputs("}\n", out);
    } else {
      fprintf(out, "asset\t%s\t%.*s\n", path, (int)tensor.size, tensor.data);
    }
  }
}

static const char *kind_name(firn_model_kind kind) {
  switch (kind) {
    case FIRN_MODEL_GRAPH: return "GraphDef";
    case FIRN_MODEL_META_GRAPH: return "MetaGraphDef";
    case FIRN_MODEL_CHECKPOINT: return "checkpoint without a graph";
    case FIRN_MODEL_SAVED_MODEL: return "SavedModel";
    case FIRN_MODEL_ANY: break;
  }
  return "?";
}

static firn_code print_summary(const firn_args *args, const firn_model *model,
                               FILE *out, firn_error *err) {
  const firn_checkpoint *ck = firn_model_checkpoint(model);
  print_words(args, out, "model", kind_name(firn_model_what(model)));
  if (*firn_model_tensorflow(model))
    print_words(args, out, "tensorflow", firn_model_tensorflow(model));
  if (ck) {
    print_words(args, out, "checkpoint",
                firn_checkpoint_version(ck) == 1 ? "V1" : "V2");
    print_number(args, out, "checkpoint tensors", firn_checkpoint_count(ck));
  }
  if (!firn_model_graph(model)) return FIRN_OK;
  /* What is declared need not be guessed. */
  if (!firn_model_signature_count(model)) print_guesses(args, model, out);
  for (size_t i = 0; i < firn_model_signature_count(model); i++)
    print_signature(args, out, firn_model_signature_at(model, i));
  print_assets(args, model, out);
  print_variables(args, model, out);
  FIRN_TRY(print_ops(args, model, out, err));
  return print_unsupported(args, model, out, err);
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  firn_model *model = NULL;
  firn_code code = firn_args_model(args, &model, err);
  if (code == FIRN_OK && firn_args_has(args, "--nodes"))
    code =
        firn_model_graph(model)
            ? print_nodes(args, model, out, err)
            : firn_fail(err, FIRN_FAILED_PRECONDITION,
                        "'%s' is a checkpoint without a graph", args->value[0]);
  else if (code == FIRN_OK)
    code = print_summary(args, model, out, err);
  firn_model_close(model);
  return code;
}

static const firn_flag flags[] = {
    FIRN_MODEL_FLAGS,
    {"--nodes", NULL, "every node: name, op, outputs", NULL},
    {0},
};

const firn_command firn_cmd_inspect = {
    .name = "inspect",
    .usage = "MODEL [--nodes]",
    .summary = "say what a model is",
    .min_args = 1,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
