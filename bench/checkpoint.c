/* bench/checkpoint.c: what saving and restoring take in a session that lives.
 *
 *   checkpoint GRAPH CHECKPOINT
 *
 * Opens a session of the graph, and for each line of standard input, which is
 * `restore` or `save PREFIX`, does so and prints the seconds and the largest
 * resident set while it did, in KiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "firn/model.h"

static void must(firn_code code, firn_error *err) {
  if (code == FIRN_OK) return;
  fprintf(stderr, "checkpoint: %s\n", err->message);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The system counts the largest resident set anew from here on. */
static void forget_peak(void) {
  FILE *file = fopen("/proc/self/clear_refs", "w");
  if (!file) return;
  fputs("5", file);
  fclose(file);
}

static long peak(void) {
  char line[256];
  long size = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && !size && fgets(line, sizeof line, file))
    if (!strncmp(line, "VmHWM:", 6)) size = strtol(line + 6, NULL, 10);
  if (file) fclose(file);
  return size;
}

int main(int argc, char **argv) {
  firn_error err = FIRN_ERROR_INIT;
  firn_model *model = NULL;
  firn_session *session = NULL;
  char line[4096];
  if (argc != 3) {
    fprintf(stderr, "usage: checkpoint GRAPH CHECKPOINT\n");
    return 2;
  }
  must(firn_model_open(argv[1], NULL, NULL, &model, &err), &err);
  must(firn_model_session(model, NULL, &session, &err), &err);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = '\0';
    const bool save = !strncmp(line, "save ", 5);
    forget_peak();
    const double begin = now();
    must(save ? firn_model_save(model, session, line + 5, NULL, &err)
              : firn_model_restore(model, session, argv[2], &err),
         &err);
    printf("%.6f %ld\n", now() - begin, peak());
    fflush(stdout);
  }
  firn_session_free(session);
  firn_model_close(model);
  return 0;
}
