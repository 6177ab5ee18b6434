/* cli/command.h: what a subcommand is, and the arguments it is given.
 *
 * A command declares its flags and a `run`; main.c parses the words, prints
 * errors as `firn NAME: message` and turns the code into the exit status.
 * Commands see the public headers only.
 *
 * Threads: one.
 */
#ifndef FIRN_CLI_COMMAND_H
#define FIRN_CLI_COMMAND_H

#include <stdio.h>

#include "firn/firn.h"

/* One flag. `aliases` are TensorFlow's names for it, separated by blanks. */
typedef struct firn_flag {
  const char *name;  /* "--outputs"; "-o" for short ones          */
  const char *value; /* what follows: "FILE"; NULL: a switch       */
  const char *help;
  const char *aliases; /* "--output_node_names"; NULL for none       */
} firn_flag;

enum { FIRN_MAX_WORDS = 4096 };

/* The words of one call: positional values, and flags in the order given. */
typedef struct firn_args {
  const struct firn_command *command;
  const char **value;
  size_t value_count;
  struct firn_arg {
    const firn_flag *flag;
    const char *value;
  } * flags;
  size_t flag_count;
  bool json;
  firn_options options; /* --threads, --exact, --baseline, --no-checksums */
} firn_args;

typedef struct firn_command {
  const char *name;  /* "checkpoint list" */
  const char *usage; /* what follows the name: "PREFIX NAME=FILE..." */
  const char *summary;
  size_t min_args, max_args;
  const firn_flag *flags; /* ends with a flag without name; NULL: none */
  firn_code (*run)(const firn_args *args, FILE *out, firn_error *err);
} firn_command;

extern const firn_command firn_cmd_checkpoint_get, firn_cmd_checkpoint_list,
    firn_cmd_freeze, firn_cmd_inspect, firn_cmd_ops, firn_cmd_run,
    firn_cmd_saved_model_show, firn_cmd_train, firn_cmd_version;
extern const firn_command firn_cmd_saved_model_pack,
    firn_cmd_saved_model_signature, firn_cmd_saved_model_strip;

/* The flag's last value, or NULL; whether it was given; its i-th value, or
 * NULL. */
const char *firn_args_get(const firn_args *args, const char *flag);
bool firn_args_has(const firn_args *args, const char *flag);
const char *firn_args_nth(const firn_args *args, const char *flag, size_t i);
size_t firn_args_count(const firn_args *args, const char *flag);

/* A wrong use of the command: exit status 2. */
firn_code firn_misuse(firn_error *err, const char *fmt, ...) FIRN_PRINTF(2, 3);
bool firn_is_misuse(const firn_error *err);

/* The model that the command works on: MODEL, --checkpoint, --tags, --as. */
FIRN_CHECKED firn_code firn_args_model(const firn_args *args, firn_model **out,
                                       firn_error *err);

/* The checkpoint that the first word names: a prefix, a V1 file, a folder whose
 * state file says which is the newest, or a SavedModel's folder. */
FIRN_CHECKED firn_code firn_args_checkpoint(const firn_args *args,
                                            firn_checkpoint **out,
                                            firn_error *err);

/* Flags that every command with a MODEL takes. */
#define FIRN_MODEL_FLAGS                                                 \
  {"--checkpoint", "PREFIX", "the values of the variables",              \
   "--input_checkpoint --ckpt"},                                         \
      {"--tags", "A,B", "which meta graph of a SavedModel",              \
       "--tag_set --saved_model_tags"},                                  \
  {                                                                      \
    "--as", "KIND",                                                      \
        "graph, meta or saved_model: do not look what the file is", NULL \
  }

/* Splits "NAME=FILE" at its last '='. `name` has room for size bytes; *file is
 * NULL when there is no '='. */
FIRN_CHECKED firn_code firn_split_pair(const char *text, char *name,
                                       size_t size, const char **file,
                                       firn_error *err);

/* Type and shape that the graph gives a tensor; FIRN_INVALID when it has none
 * of that name (the session will say so, with near names). */
firn_dtype firn_look_up(const firn_model *model, const char *tensor,
                        firn_shape *shape);

/* One result: type, shape and shortened value, or a JSON object. */
FIRN_CHECKED firn_code firn_print_value(FILE *out, const char *name,
                                        const firn_tensor *t, bool json,
                                        firn_error *err);

/* Gives variables the values of --set NAME=FILE. */
FIRN_CHECKED firn_code firn_set_variables(const firn_args *args,
                                          const firn_model *model,
                                          firn_session *session,
                                          firn_error *err);

/* Text as a JSON string, with its quotes; a shape as [2,?] and as [2,-1]. */
void firn_print_json(FILE *out, firn_str text);
void firn_print_shape(FILE *out, const firn_shape *shape);
void firn_print_json_shape(FILE *out, const firn_shape *shape);

#endif
