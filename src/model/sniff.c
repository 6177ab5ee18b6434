/* model/sniff.c: tell by its bytes what a file holds.
 *
 * GraphDef, MetaGraphDef and SavedModel have no magic number, and all begin
 * with field 1. It is a NodeDef in a GraphDef, a MetaInfoDef in a MetaGraphDef,
 * a number in a SavedModel. The second field of a NodeDef is an op's name, that
 * of a MetaInfoDef a list of ops, which no op's name looks like; that of an
 * ONNX model, which begins with a number, too, is a name. */
#include "model/sniff.h"

#include <ctype.h>
#include <stdio.h>

#include "proto/proto.h"

/* One field of a message: number, wire type, and the bytes of a string. */
typedef struct piece {
  uint32_t number, wire;
  firn_bytes bytes;
} piece;

static bool next_piece(firn_bytes *in, piece *out) {
  uint64_t tag, value;
  if (!in->size || firn_wire_varint(in, &tag, NULL) != FIRN_OK) return false;
  *out = (piece){.number = (uint32_t)(tag >> 3), .wire = tag & 7};
  size_t skip = 0;
  switch (out->wire) {
    case 0: return firn_wire_varint(in, &value, NULL) == FIRN_OK;
    case 1: skip = 8; break;
    case 5: skip = 4; break;
    case 2:
      if (firn_wire_varint(in, &value, NULL) != FIRN_OK) return false;
      /* A file that was cut short is still of its kind. */
      skip = value > in->size ? in->size : (size_t)value;
      out->bytes = (firn_bytes){in->data, skip};
      break;
    default: return false;
  }
  if (skip > in->size) return false;
  in->data += skip;
  in->size -= skip;
  return true;
}

static bool find_piece(firn_bytes in, uint32_t number, piece *out) {
  while (next_piece(&in, out))
    if (out->number == number) return true;
  return false;
}

static bool op_name(firn_bytes bytes) {
  if (!bytes.size || bytes.size > 256) return false;
  for (size_t i = 0; i < bytes.size; i++)
    if (!isalnum(bytes.data[i]) && !memchr("_.>-/", bytes.data[i], 5))
      return false;
  return true;
}

/* A number, and then a name in letters. */
static bool is_onnx(firn_bytes bytes) {
  piece version, producer;
  if (!next_piece(&bytes, &version) || version.number != 1 ||
      version.wire != 0 || !next_piece(&bytes, &producer) ||
      producer.number != 2 || producer.wire != 2 || !producer.bytes.size)
    return false;
  for (size_t i = 0; i < producer.bytes.size; i++)
    if (!isprint(producer.bytes.data[i])) return false;
  return true;
}

static bool is_node(firn_bytes bytes) {
  piece op;
  return find_piece(bytes, 2, &op) && op.wire == 2 && op_name(op.bytes);
}

static firn_form sniff_binary(firn_bytes bytes) {
  piece first, graph, node;
  firn_bytes rest = bytes;
  if (!next_piece(&rest, &first)) return FIRN_FORM_UNKNOWN;
  if (first.number == 1 && first.wire == 0)
    return is_onnx(bytes) ? FIRN_FORM_UNKNOWN : FIRN_FORM_SAVED_MODEL;
  if (first.number == 1 && first.wire == 2 && is_node(first.bytes))
    return FIRN_FORM_GRAPH;
  if (find_piece(bytes, 2, &graph) && graph.wire == 2 &&
      find_piece(graph.bytes, 1, &node) && node.wire == 2 &&
      is_node(node.bytes))
    return FIRN_FORM_META_GRAPH;
  /* A graph without nodes: a library, or versions. */
  if ((first.number == 2 && first.wire == 2) ||
      (first.number == 4 && first.wire == 2) ||
      (first.number == 3 && first.wire == 0))
    return FIRN_FORM_GRAPH;
  return FIRN_FORM_UNKNOWN;
}

/* Past white space and comments. */
static size_t skip_blank(firn_bytes bytes, size_t i) {
  for (;;) {
    while (i < bytes.size && isspace(bytes.data[i])) i++;
    if (i >= bytes.size || bytes.data[i] != '#') return i;
    while (i < bytes.size && bytes.data[i] != '\n') i++;
  }
}

/* The first word of a text, and in *after the character that follows it. */
static firn_str first_word(firn_bytes bytes, int *after) {
  const size_t start = skip_blank(bytes, 0);
  size_t i = start;
  while (i < bytes.size && (isalnum(bytes.data[i]) || bytes.data[i] == '_'))
    i++;
  const size_t next = skip_blank(bytes, i);
  *after = next < bytes.size ? bytes.data[next] : EOF;
  if (i == start) return (firn_str){0};
  return (firn_str){(const char *)bytes.data + start, i - start};
}

static firn_form sniff_text(firn_bytes bytes) {
  static const struct {
    const char *word;
    firn_form form;
  } words[] = {
      {"node", FIRN_FORM_GRAPH},
      {"library", FIRN_FORM_GRAPH},
      {"versions", FIRN_FORM_GRAPH},
      {"meta_info_def", FIRN_FORM_META_GRAPH},
      {"graph_def", FIRN_FORM_META_GRAPH},
      {"saver_def", FIRN_FORM_META_GRAPH},
      {"collection_def", FIRN_FORM_META_GRAPH},
      {"saved_model_schema_version", FIRN_FORM_SAVED_MODEL},
      {"meta_graphs", FIRN_FORM_SAVED_MODEL},
  };
  int after;
  const firn_str word = first_word(bytes, &after);
  if (after != '{' && after != ':' && after != '<') return FIRN_FORM_UNKNOWN;
  for (size_t i = 0; i < FIRN_COUNT(words); i++)
    if (firn_str_is(word, words[i].word)) return words[i].form;
  return FIRN_FORM_UNKNOWN;
}

firn_form firn_sniff(firn_bytes bytes, bool *text) {
  enum { FOOTER = 48 };
  static const uint8_t magic[8] = {0x57, 0xfb, 0x80, 0x8b,
                                   0x24, 0x75, 0x47, 0xdb};
  *text = false;
  if (bytes.size >= FOOTER &&
      !memcmp(bytes.data + bytes.size - sizeof magic, magic, sizeof magic))
    return FIRN_FORM_TABLE;
  const firn_form form = sniff_text(bytes);
  *text = form != FIRN_FORM_UNKNOWN;
  return *text ? form : sniff_binary(bytes);
}

const char *firn_form_name(firn_form form) {
  switch (form) {
    case FIRN_FORM_UNKNOWN: break;
    case FIRN_FORM_GRAPH: return "a GraphDef";
    case FIRN_FORM_META_GRAPH: return "a MetaGraphDef";
    case FIRN_FORM_SAVED_MODEL: return "a SavedModel";
    case FIRN_FORM_TABLE: return "a table file (a checkpoint's index?)";
  }
  return NULL;
}

static bool has_at(firn_bytes bytes, size_t at, const char *magic,
                   size_t size) {
  return bytes.size >= at + size && !memcmp(bytes.data + at, magic, size);
}

const char *firn_sniff_other(firn_bytes bytes) {
  static const struct {
    size_t at, size;
    const char *magic, *name;
  } kinds[] = {
      {0, 8, "\x89HDF\r\n\x1a\n", "an HDF5 file"},
      {0, 4, "PK\x03\x04", "a zip archive"},
      {0, 2, "\x1f\x8b", "compressed with gzip"},
      {0, 6, "\x93NUMPY", "a .npy file"},
      {0, 8, "\x89PNG\r\n\x1a\n", "a PNG image"},
      {0, 3, "\xff\xd8\xff", "a JPEG image"},
      {4, 4, "TFL3", "a TensorFlow Lite model"},
      {0, 23, "version https://git-lfs",
       "the pointer to a file that Git LFS keeps"},
      {0, 14, "<!DOCTYPE html", "an HTML page"},
      {0, 5, "<html", "an HTML page"},
  };
  int after;
  for (size_t i = 0; i < FIRN_COUNT(kinds); i++)
    if (has_at(bytes, kinds[i].at, kinds[i].magic, kinds[i].size))
      return kinds[i].name;
  const firn_str word = first_word(bytes, &after);
  if (after == ':' && (firn_str_is(word, "model_checkpoint_path") ||
                       firn_str_is(word, "all_model_checkpoint_paths")))
    return "the state file of a folder of checkpoints";
  return is_onnx(bytes) ? "an ONNX model" : NULL;
}
