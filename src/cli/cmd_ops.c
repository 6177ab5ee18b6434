/* cli/cmd_ops.c: `firn ops` lists what firn can compute.
 *
 *   Conv2D	T: float16, float32, float64
 */
#include "cli/command.h"

static void print_types(FILE *out, uint64_t types) {
  const char *between = "";
  if (types == UINT64_MAX) {
    fputs("any", out);
    return;
  }
  for (int t = 1; t < 64; t++) {
    if (!(types >> t & 1)) continue;
    fprintf(out, "%s%s", between, firn_dtype_name((firn_dtype)t));
    between = ", ";
  }
}

static void print_json_types(FILE *out, uint64_t types) {
  const char *between = "";
  if (types == UINT64_MAX) {
    fputs("\"any\"", out);
    return;
  }
  fputc('[', out);
  for (int t = 1; t < 64; t++) {
    if (!(types >> t & 1)) continue;
    fprintf(out, "%s\"%s\"", between, firn_dtype_name((firn_dtype)t));
    between = ",";
  }
  fputc(']', out);
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  (void)err;
  for (size_t i = 0; i < firn_ops_count(); i++) {
    const firn_ops_entry e = firn_ops_at(i);
    if (args->json)
      fprintf(out, "{\"op\":\"%s\",\"types\":{", e.name);
    else
      fprintf(out, "%s\t", e.name);
    for (size_t k = 0; e.types[k].attr; k++) {
      if (args->json) {
        fprintf(out, "%s\"%s\":", k ? "," : "", e.types[k].attr);
        print_json_types(out, e.types[k].types);
      } else {
        fprintf(out, "%s%s: ", k ? "; " : "", e.types[k].attr);
        print_types(out, e.types[k].types);
      }
    }
    fputs(args->json ? "}}\n" : "\n", out);
  }
  return FIRN_OK;
}

const firn_command firn_cmd_ops = {
    .name = "ops",
    .usage = "",
    .summary = "list the ops that firn computes, and for which types",
    .run = run,
};
