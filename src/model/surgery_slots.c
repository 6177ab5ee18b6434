/* model/surgery_slots.c: tells by its name whether a value is an optimiser's.
 *
 *   TensorFlow 1     w/Adam, w/Adam_1, w/Momentum, beta1_power
 *   Keras            Adam/w/m, SGD/w/momentum
 *   later Keras      Adam/m/w, SGD/m/w
 *   Keras 3          adam/layer_w_momentum (slashes of w became underscores)
 *
 * A name alone proves nothing: but for the powers of Adam's betas, w itself
 * must be there too. */
#include <ctype.h>

#include "model/surgery.h"

static const char *const tf1_slots[] = {
    "Adam",     "AdaMax",          "Adagrad", "AdagradDA",     "Adadelta",
    "Momentum", "RMSProp",         "Ftrl",    "LazyAdam",      "Nadam",
    "AdamW",    "ProximalAdagrad", "AddSign", "PowerSign",     "adam_m",
    "adam_v",   "lamb_m",          "lamb_v",  "LARSOptimizer",
};

static const char *const optimisers[] = {
    "Adam",    "AdamW", "Adamax", "Adagrad", "Adadelta", "SGD",
    "RMSprop", "Nadam", "Ftrl",   "Lion",    "Lamb",     "Adafactor",
    "adam",    "adamw", "adamax", "adagrad", "adadelta", "sgd",
    "rmsprop", "nadam", "ftrl",   "lion",    "lamb",     "adafactor",
    "Muon",    "muon",
};

static const char *const keras_slots[] = {
    "m",
    "v",
    "vhat",
    "momentum",
    "rms",
    "mg",
    "accumulator",
    "accum_grad",
    "accum_var",
    "linear",
    "velocity",
    "velocity_hat",
    "norm",
    "u",
    "accumulated_grad",
    "accumulated_delta_var",
    "average_gradient",
    "moving_average",
    "average",
};

static bool is_among(firn_str word, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (firn_str_is(word, words[i])) return true;
  return false;
}

/* Without "_1" and the like, which makes names unique. */
static firn_str plain(firn_str word) {
  size_t end = word.size;
  while (end > 0 && isdigit((unsigned char)word.data[end - 1])) end--;
  if (end > 1 && end < word.size && word.data[end - 1] == '_')
    word.size = end - 1;
  return word;
}

static firn_str last_word(firn_str key) {
  size_t at = key.size;
  while (at > 0 && key.data[at - 1] != '/') at--;
  return (firn_str){key.data + at, key.size - at};
}

static firn_str first_word(firn_str key) {
  size_t end = 0;
  while (end < key.size && key.data[end] != '/') end++;
  return (firn_str){key.data, end};
}

/* What is left behind the first word, and before the last. */
static firn_str behind(firn_str key) {
  const size_t skip = firn_min_size(first_word(key).size + 1, key.size);
  return (firn_str){key.data + skip, key.size - skip};
}
static firn_str before(firn_str key) {
  const size_t cut = firn_min_size(last_word(key).size + 1, key.size);
  return (firn_str){key.data, key.size - cut};
}

static bool has(const firn_map *keys, firn_str key) {
  uint64_t at;
  return key.size && firn_map_get(keys, key, &at);
}

/* The key itself or, since an optimiser may stand in a scope of its own, what
 * is left of it behind some words. */
static bool has_some(const firn_map *keys, firn_str key) {
  for (; key.size; key = behind(key))
    if (has(keys, key)) return true;
  return false;
}

static bool is_keras_slot(firn_str word) {
  return is_among(word, keras_slots, FIRN_COUNT(keras_slots));
}

/* What stands behind the name of an optimiser. */
static bool is_of_optimiser(firn_str rest, const firn_map *keys,
                            const firn_map *flat) {
  if (is_keras_slot(plain(last_word(rest))) && has(keys, before(rest)))
    return true;
  if (is_keras_slot(plain(first_word(rest))) && has(keys, behind(rest)))
    return true;
  for (size_t i = 1; i + 1 < rest.size; i++) {
    const firn_str word = {rest.data + i + 1, rest.size - i - 1};
    firn_str of = {rest.data, i};
    if (rest.data[i] != '_' || !is_keras_slot(word)) continue;
    if (has(flat, of)) return true;
    if (firn_str_ends(of, FIRN_STR("_0"))) of.size -= 2; /* w:0 */
    if (has(flat, of)) return true;
  }
  return false;
}

bool firn_is_slot_key(firn_str key, const firn_map *keys,
                      const firn_map *flat) {
  const firn_str last = plain(last_word(key));
  if (firn_str_is(last, "beta1_power") || firn_str_is(last, "beta2_power"))
    return true;
  if (is_among(last, tf1_slots, FIRN_COUNT(tf1_slots)) &&
      has_some(keys, before(key)))
    return true;
  for (firn_str at = key; at.size; at = behind(at))
    if (is_among(plain(first_word(at)), optimisers, FIRN_COUNT(optimisers)) &&
        is_of_optimiser(behind(at), keys, flat))
      return true;
  return false;
}
