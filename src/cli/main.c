/* cli/main.c: find the command, parse its words, report how it went. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/surgery.h"

static const firn_command *const commands[] = {
    &firn_cmd_inspect,
    &firn_cmd_freeze,
    &firn_cmd_run,
    &firn_cmd_train,
    &firn_cmd_checkpoint_list,
    &firn_cmd_checkpoint_get,
    &firn_cmd_checkpoint_diff,
    &firn_cmd_checkpoint_rename,
    &firn_cmd_checkpoint_drop,
    &firn_cmd_checkpoint_merge,
    &firn_cmd_checkpoint_convert,
    &firn_cmd_checkpoint_relocate,
    &firn_cmd_saved_model_show,
    &firn_cmd_saved_model_pack,
    &firn_cmd_saved_model_signature,
    &firn_cmd_saved_model_strip,
    &firn_cmd_ops,
    &firn_cmd_version,
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const firn_flag common_flags[] = {
    {"--json", NULL, "print JSON, one object a line", NULL},
    {"--threads", "N", "threads to compute with; 0 is one per CPU", NULL},
    {"--exact", NULL, "no algorithm that rounds differently", NULL},
    {"--baseline", NULL, "portable kernels only", NULL},
    {"--no-checksums", NULL, "do not verify tensor data", NULL},
    {0},
};

/* ---- Words -------------------------------------------------------------- */

static const char misuse_mark[] = "misuse: ";

firn_code firn_misuse(firn_error *err, const char *fmt, ...) {
  char text[400];
  va_list list;
  va_start(list, fmt);
  vsnprintf(text, sizeof text, fmt, list);
  va_end(list);
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s%s", misuse_mark, text);
}

bool firn_is_misuse(const firn_error *err) {
  return !strncmp(err->message, misuse_mark, sizeof misuse_mark - 1);
}

/* Whether `word` (without its value) is this flag, by its own name or an alias;
 * one and two dashes are the same. */
static bool names_flag(const firn_flag *flag, const char *word, size_t size) {
  if (strlen(flag->name) == size && !memcmp(flag->name, word, size))
    return true;
  for (const char *at = flag->aliases; at && *at;) {
    const size_t n = strcspn(at, " ");
    if ((n == size && !memcmp(at, word, n)) ||
        (n == size + 1 && !memcmp(at + 1, word, size)))
      return true;
    at += n + (at[n] == ' ');
  }
  return false;
}

static const firn_flag *find_flag(const firn_flag *flags, const char *word,
                                  size_t size) {
  for (; flags && flags->name; flags++)
    if (names_flag(flags, word, size)) return flags;
  return NULL;
}

static firn_code take_flag(firn_args *args, int argc, char **argv, int *i,
                           firn_error *err) {
  const char *word = argv[*i];
  const size_t size = strcspn(word, "=");
  const firn_flag *flag = find_flag(args->command->flags, word, size);
  if (!flag) flag = find_flag(common_flags, word, size);
  if (!flag)
    return firn_misuse(err, "there is no flag '%.*s'", (int)size, word);
  const char *value = NULL;
  if (!flag->value && word[size])
    return firn_misuse(err, "'%s' takes no value", flag->name);
  if (flag->value && word[size]) {
    value = word + size + 1;
  } else if (flag->value) {
    if (*i + 1 >= argc)
      return firn_misuse(err, "'%s' wants %s", flag->name, flag->value);
    value = argv[++*i];
  }
  args->flags[args->flag_count++] = (struct firn_arg){flag, value};
  return FIRN_OK;
}

static firn_code take_common(firn_args *args, firn_error *err) {
  const char *threads = firn_args_get(args, "--threads");
  args->json = firn_args_has(args, "--json");
  args->options = (firn_options)FIRN_OPTIONS_INIT;
  args->options.exact = firn_args_has(args, "--exact");
  args->options.baseline = firn_args_has(args, "--baseline");
  args->options.skip_checksums = firn_args_has(args, "--no-checksums");
  if (threads) {
    char *end = NULL;
    const long n = strtol(threads, &end, 10);
    if (!*threads || *end || n < 0 || n > 1024)
      return firn_misuse(err, "'--threads' wants a number, not '%s'", threads);
    args->options.threads = (int)n;
  }
  return FIRN_OK;
}

static firn_code parse(firn_args *args, int argc, char **argv,
                       firn_error *err) {
  bool only_values = false;
  for (int i = 0; i < argc; i++) {
    if (!only_values && !strcmp(argv[i], "--")) {
      only_values = true;
    } else if (!only_values && argv[i][0] == '-' && argv[i][1]) {
      firn_code code = take_flag(args, argc, argv, &i, err);
      if (code != FIRN_OK) return code;
    } else {
      args->value[args->value_count++] = argv[i];
    }
  }
  return take_common(args, err);
}

const char *firn_args_nth(const firn_args *args, const char *flag, size_t i) {
  for (size_t k = 0; k < args->flag_count; k++)
    if (!strcmp(args->flags[k].flag->name, flag) && i-- == 0)
      return args->flags[k].value ? args->flags[k].value : "";
  return NULL;
}

size_t firn_args_count(const firn_args *args, const char *flag) {
  size_t count = 0;
  while (firn_args_nth(args, flag, count)) count++;
  return count;
}

const char *firn_args_get(const firn_args *args, const char *flag) {
  const size_t count = firn_args_count(args, flag);
  return count ? firn_args_nth(args, flag, count - 1) : NULL;
}

bool firn_args_has(const firn_args *args, const char *flag) {
  return firn_args_count(args, flag) > 0;
}

/* ---- Help --------------------------------------------------------------- */

static void print_flags(FILE *out, const firn_flag *flags) {
  for (; flags && flags->name; flags++) {
    char left[64];
    snprintf(left, sizeof left, "%s%s%s", flags->name, flags->value ? " " : "",
             flags->value ? flags->value : "");
    fprintf(out, "  %-24s %s\n", left, flags->help);
    if (flags->aliases) fprintf(out, "  %-24s also %s\n", "", flags->aliases);
  }
}

static void help_command(FILE *out, const firn_command *command) {
  fprintf(out, "usage: firn %s %s\n%s\n", command->name, command->usage,
          command->summary);
  if (command->flags) fputc('\n', out);
  print_flags(out, command->flags);
}

static void help_all(FILE *out) {
  fputs("usage: firn COMMAND ...\n\n", out);
  for (size_t i = 0; i < COMMANDS; i++)
    fprintf(out, "  %-21s %s\n", commands[i]->name, commands[i]->summary);
  fputs(
      "  help                  say this, or with a COMMAND how it is used\n\n"
      "Every command takes:\n",
      out);
  print_flags(out, common_flags);
}

/* The command that the first one or two words name; *used says how many. */
static const firn_command *find_command(int argc, char **argv, int *used) {
  for (size_t i = 0; i < COMMANDS; i++) {
    const char *name = commands[i]->name, *second = strchr(name, ' ');
    const size_t first = second ? (size_t)(second - name) : strlen(name);
    if (argc < 1 || strlen(argv[0]) != first || memcmp(argv[0], name, first))
      continue;
    if (second && (argc < 2 || strcmp(argv[1], second + 1))) continue;
    *used = second ? 2 : 1;
    return commands[i];
  }
  return NULL;
}

/* The exit status of a call that only said something. */
static int said(void) {
  if (fflush(stdout) == 0 && !ferror(stdout)) return 0;
  fputs("firn help: cannot write to standard output\n", stderr);
  return 1;
}

static int help(int argc, char **argv) {
  int used = 0;
  if (argc == 0) {
    help_all(stdout);
    return said();
  }
  char *words[2] = {argv[0], argc > 1 ? argv[1] : NULL};
  char copy[64];
  if (argc == 1 && strlen(argv[0]) < sizeof copy && strchr(argv[0], ' ')) {
    strcpy(copy, argv[0]); /* firn help "checkpoint list" */
    words[0] = copy;
    words[1] = strchr(copy, ' ') + 1;
    words[1][-1] = 0;
    argc = 2;
  }
  const firn_command *command = find_command(argc, words, &used);
  if (!command) {
    fprintf(stderr, "firn help: there is no command '%s'\n", argv[0]);
    return 2;
  }
  help_command(stdout, command);
  return said();
}

/* ---- One call ----------------------------------------------------------- */

static int report(const firn_command *command, const firn_error *err) {
  const bool misuse = firn_is_misuse(err);
  fprintf(stderr, "firn %s: %s\n", command->name,
          err->message + (misuse ? sizeof misuse_mark - 1 : 0));
  for (size_t i = 0; i < firn_error_count(err); i++)
    fprintf(stderr, "  %s\n", firn_error_line(err, i));
  if (misuse)
    fprintf(stderr, "usage: firn %s %s\n", command->name, command->usage);
  return misuse ? 2 : 1;
}

static int call(const firn_command *command, int argc, char **argv) {
  firn_error err = FIRN_ERROR_INIT;
  firn_args args = {.command = command};
  args.value = calloc((size_t)argc + 1, sizeof *args.value);
  args.flags = calloc((size_t)argc + 1, sizeof *args.flags);
  firn_code code = FIRN_OK;
  if (!args.value || !args.flags)
    code = firn_fail(&err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
  if (code == FIRN_OK) code = parse(&args, argc, argv, &err);
  if (code == FIRN_OK && args.value_count < command->min_args)
    code = firn_misuse(&err, "something is missing");
  if (code == FIRN_OK && args.value_count > command->max_args)
    code = firn_misuse(&err, "'%s' is one too many",
                       args.value[command->max_args]);
  if (code == FIRN_OK) code = command->run(&args, stdout, &err);
  if (code == FIRN_OK && (fflush(stdout) || ferror(stdout)))
    code = firn_fail(&err, FIRN_RESOURCE_EXHAUSTED,
                     "cannot write to standard output");
  const int status = code == FIRN_OK ? 0 : report(command, &err);
  firn_error_clear(&err);
  free(args.flags);
  free(args.value);
  return status;
}

int main(int argc, char **argv) {
  int used = 0;
  if (argc < 2) {
    help_all(stderr);
    return 2;
  }
  if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
      !strcmp(argv[1], "-h"))
    return help(argc - 2, argv + 2);
  if (!strcmp(argv[1], "--version"))
    return call(&firn_cmd_version, argc - 2, argv + 2);
  const firn_command *command = find_command(argc - 1, argv + 1, &used);
  if (!command) {
    const bool two = argc > 2 && (!strcmp(argv[1], "checkpoint") ||
                                  !strcmp(argv[1], "saved-model"));
    fprintf(stderr,
            "firn: there is no command '%s%s%s'\n"
            "'firn help' lists the commands\n",
            argv[1], two ? " " : "", two ? argv[2] : "");
    return 2;
  }
  for (int i = 1 + used; i < argc; i++)
    if (!strcmp(argv[i], "--help")) {
      help_command(stdout, command);
      return said();
    }
  return call(command, argc - 1 - used, argv + 1 + used);
}
