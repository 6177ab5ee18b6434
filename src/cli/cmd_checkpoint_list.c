/* cli/cmd_checkpoint_list.c: `firn checkpoint list PREFIX` lists what a
 * checkpoint holds.
 *
 * One tensor a line, tab between columns, nothing else on standard output: cut,
 * sort and grep are the query language.
 *
 *   dense/bias	float32	[10]
 *   dense/kernel	float32	[784,10]
 */
#include "cli/command.h"

static void print_entry(FILE *out, const firn_checkpoint_entry *e, bool json) {
  if (json) {
    fputs("{\"name\":", out);
    firn_print_json(out, e->name);
    fprintf(out, ",\"dtype\":\"%s\",\"shape\":", firn_dtype_name(e->dtype));
    firn_print_json_shape(out, &e->shape);
    fprintf(out, ",\"slices\":%zu}\n", e->slices);
    return;
  }
  fwrite(e->name.data, 1, e->name.size, out);
  fprintf(out, "\t%s\t", firn_dtype_name(e->dtype));
  firn_print_shape(out, &e->shape);
  fputc('\n', out);
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  firn_checkpoint *ck = NULL;
  FIRN_TRY(firn_args_checkpoint(args, &ck, err));
  for (size_t i = 0; i < firn_checkpoint_count(ck); i++) {
    const firn_checkpoint_entry e = firn_checkpoint_at(ck, i);
    print_entry(out, &e, args->json);
  }
  firn_checkpoint_close(ck);
  return FIRN_OK;
}

const firn_command firn_cmd_checkpoint_list = {
    .name = "checkpoint list",
    .usage = "PREFIX",
    .summary = "list the tensors of a checkpoint",
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
