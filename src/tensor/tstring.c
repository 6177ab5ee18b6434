/* tensor/tstring.c: the elements of string tensors, laid out as TF_TString.
 *
 * The low two bits of the first byte tell the kind, the bits above are the
 * size. We make small and large strings; offset and view strings come from
 * programs that fill a tensor through TensorFlow's C interface. Layout and the
 * use of malloc are compiled into those programs, so neither is ours to change.
 */
#include <stdlib.h>
#include <string.h>

#include "tensor/tensor.h"

_Static_assert(sizeof(firn_tstring) == 24, "TF_TString is 24 bytes");

enum { SMALL = 0, LARGE = 1, OFFSET = 2, VIEW = 3, KIND = 3, SIZE_SHIFT = 2 };
enum { SMALL_MAX = 22 }; /* and a terminator */

static int kind_of(const firn_tstring *s) { return s->small.size & KIND; }

firn_str firn_tstring_get(const firn_tstring *s) {
  switch (kind_of(s)) {
    case SMALL: return (firn_str){s->small.text, s->small.size >> SIZE_SHIFT};
    case LARGE: return (firn_str){s->large.data, s->large.size >> SIZE_SHIFT};
    case OFFSET:
      return (firn_str){(const char *)s + s->offset.offset,
                        s->offset.size >> SIZE_SHIFT};
    default: return (firn_str){s->view.data, s->view.size >> SIZE_SHIFT};
  }
}

bool firn_tstring_set(firn_tstring *s, firn_str text) {
  firn_tstring made = {.words = {0}};
  if (text.size <= SMALL_MAX) {
    made.small.size = (uint8_t)(text.size << SIZE_SHIFT);
    if (text.size) memcpy(made.small.text, text.data, text.size);
  } else {
    size_t room; /* with the terminator, in the steps TensorFlow grows by */
    if (text.size > SIZE_MAX >> SIZE_SHIFT ||
        !firn_add_size(text.size, 16, &room))
      return false;
    room &= ~(size_t)15;
    made.large.data = malloc(room);
    if (!made.large.data) return false;
    memcpy(made.large.data, text.data, text.size);
    made.large.data[text.size] = '\0';
    made.large.size = text.size << SIZE_SHIFT | LARGE;
    made.large.capacity = room - 1;
  }
  firn_tstring_fini(s); /* last, for `text` may be what it holds */
  *s = made;
  return true;
}

void firn_tstring_fini(firn_tstring *s) {
  if (kind_of(s) == LARGE) free(s->large.data);
  memset(s, 0, sizeof *s);
}
