/* cli/values.c: tensors that commands read and print. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

enum { LONGEST_NAME = 4096 };

firn_dtype firn_look_up(const firn_model *model, const char *tensor,
                        firn_shape *shape) {
  const firn_graph *graph = firn_model_graph(model);
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
    firn_model_shapes(model, i, shapes);
    *shape = shapes[k];
  }
  const int type = firn_graph_output_type(graph, i, k);
  return (firn_dtype)(type > 100 ? type - 100 : type);
}

firn_code firn_print_value(FILE *out, const char *name, const firn_tensor *t,
                           bool json, firn_error *err) {
  firn_shape shape = {.rank = firn_tensor_rank(t)};
  memcpy(shape.dims, firn_tensor_dims(t),
         (size_t)shape.rank * sizeof *shape.dims);
  char *text = json ? firn_tensor_json(t) : firn_tensor_text(t);
  if (!text) return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
  if (json) {
    fputs("{\"name\":", out);
    firn_print_json(out, (firn_str){name, strlen(name)});
    fprintf(out, ",\"dtype\":\"%s\",\"shape\":",
            firn_dtype_name(firn_tensor_dtype(t)));
    firn_print_json_shape(out, &shape);
    fprintf(out, ",\"value\":%s}\n", text);
  } else {
    fprintf(out, "%s\t%s\t", name, firn_dtype_name(firn_tensor_dtype(t)));
    firn_print_shape(out, &shape);
    fprintf(out, "\n%s\n", text);
  }
  free(text);
  return FIRN_OK;
}

firn_code firn_set_variables(const firn_args *args, const firn_model *model,
                             firn_session *session, firn_error *err) {
  char name[LONGEST_NAME];
  const char *file = NULL;
  for (size_t i = 0; i < firn_args_count(args, "--set"); i++) {
    const char *pair = firn_args_nth(args, "--set", i);
    firn_tensor *value = NULL;
    FIRN_TRY(firn_split_pair(pair, name, sizeof name, &file, err));
    if (!file) return firn_misuse(err, "'--set %s' is no NAME=FILE", pair);
    FIRN_TRY(firn_tensor_read(file, firn_model_variable_type(model, name),
                              &args->options, &value, err));
    const firn_code code = firn_model_assign(model, session, name, value, err);
    firn_tensor_release(value);
    FIRN_TRY(code);
  }
  return FIRN_OK;
}
