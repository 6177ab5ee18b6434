/* tools/analyzer.h: included first by tools/check_tidy.py, and by nothing else.
 *
 * Tells clang's analyzer what it cannot see from another file: that a failure
 * returns the code it was given, which is not FIRN_OK. Without it the analyzer
 * follows paths on which a call has failed and succeeded at once.
 */
#include "base/alloc.h"

static inline firn_code analyzer_code(firn_code ignored, firn_code code) {
  (void)ignored;
  return code;
}

#define firn_fail(err, code, ...) \
  analyzer_code(firn_fail(err, code, __VA_ARGS__), code)
#define firn_while(err, code, ...) \
  analyzer_code(firn_while(err, code, __VA_ARGS__), code)
#define firn_oom(err, size) \
  analyzer_code(firn_oom(err, size), FIRN_RESOURCE_EXHAUSTED)
