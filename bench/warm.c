/* bench/warm.c: prints the median seconds of one inference in a session that
 * has run before, on one thread.
 *
 *   warm MODEL NAME=FILE... -- FETCH...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "firn/model.h"

enum { MOST = 32, WARM_UP = 3, AT_LEAST = 5, ROUNDS = 4096, SECONDS = 5 };

static void must(firn_code code, firn_error *err) {
  if (code == FIRN_OK) return;
  fprintf(stderr, "warm: %s\n", err->message);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Splits "NAME=FILE" at its last `=` and reads the file. */
static firn_feed read_feed(char *word, firn_error *err) {
  firn_feed feed = {.name = word};
  char *sign = strrchr(word, '=');
  if (!sign) {
    fprintf(stderr, "warm: '%s' is not NAME=FILE\n", word);
    exit(2);
  }
  *sign = '\0';
  must(firn_tensor_read(sign + 1, FIRN_INVALID, NULL, &feed.tensor, err), err);
  return feed;
}

static double one_run(firn_session *session, const firn_feed *feeds,
                      size_t feed_count, char **fetches, size_t fetch_count) {
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *results[MOST] = {NULL};
  const double begin = now();
  must(firn_session_run(session, NULL, feeds, feed_count,
                        (const char *const *)fetches, fetch_count, NULL, 0,
                        results, &err),
       &err);
  const double seconds = now() - begin;
  for (size_t i = 0; i < fetch_count; i++) firn_tensor_release(results[i]);
  return seconds;
}

int main(int argc, char **argv) {
  firn_error err = FIRN_ERROR_INIT;
  firn_options options = FIRN_OPTIONS_INIT;
  firn_model *model = NULL;
  firn_session *session = NULL;
  firn_feed feeds[MOST];
  size_t feed_count = 0, count = 0;
  int at = 2;

  if (argc < 4 || argc > MOST) {
    fprintf(stderr, "usage: warm MODEL NAME=FILE... -- FETCH...\n");
    return 2;
  }
  for (; at < argc && strcmp(argv[at], "--") != 0; at++)
    feeds[feed_count++] = read_feed(argv[at], &err);
  if (at < argc) at++;
  const size_t fetch_count = (size_t)(argc - at);

  options.threads = 1;
  must(firn_model_open(argv[1], NULL, &options, &model, &err), &err);
  must(firn_model_session(model, &options, &session, &err), &err);
  for (int i = 0; i < WARM_UP; i++)
    one_run(session, feeds, feed_count, argv + at, fetch_count);
  static double times[ROUNDS];
  for (const double end = now() + SECONDS;
       count < ROUNDS && (count < AT_LEAST || now() < end);)
    times[count++] =
        one_run(session, feeds, feed_count, argv + at, fetch_count);
  qsort(times, count, sizeof times[0], by_size);
  printf("%.9f\n", times[count / 2]);

  firn_session_free(session);
  firn_model_close(model);
  for (size_t i = 0; i < feed_count; i++) firn_tensor_release(feeds[i].tensor);
  return 0;
}
