/* Damaged checkpoints and the exact complaint: what was wanted, from which
 * file, and what is wrong with it. oracle/odd_checkpoints.py damages them, one
 * thing each; checksums in the messages are the script's. */
#include "firn/checkpoint.h"
#include "support/failing.h"
#include "support/test.h"

#define F "tests/golden/checkpoint/"
#define OPENING(name) "opening checkpoint '" F name "': "
#define INDEX(name) OPENING(name) "reading index '" F name ".index': "
#define V1(name) OPENING(name) "reading '" F name "': "
#define READING(tensor, name) \
  "reading '" tensor "' from checkpoint '" F name "': "

static const struct damaged_file {
  const char *name;
  firn_code code;
  const char *says;
} damaged_files[] = {
    {"nothing", FIRN_NOT_FOUND,
     OPENING("nothing") "there is neither '" F "nothing.index' nor '" F
                        "nothing'"},
    {"little.data-00000-of-00001", FIRN_INVALID_ARGUMENT,
     OPENING("little.data-00000-of-00001") "this is a file of data; the name "
                                           "of its checkpoint is '" F
                                           "little'"},
    {"index_checksum", FIRN_DATA_LOSS,
     INDEX("index_checksum") "block at offset 0 has checksum 6aae0ae4, not "
                             "6aae0b64"},
    {"index_short", FIRN_DATA_LOSS,
     INDEX("index_short") "20 bytes are too few for a table file (48 of "
                          "footer)"},
    {"index_magic", FIRN_DATA_LOSS,
     INDEX("index_magic") "not a table file: it ends in dc4775248b80fb57, "
                          "not db4775248b80fb57"},
    {"index_footer", FIRN_DATA_LOSS,
     INDEX("index_footer") "footer at offset 77 is damaged"},
    {"index_outside", FIRN_DATA_LOSS,
     INDEX("index_outside") "block of 8 bytes at offset 10000 runs past "
                            "the "
                            "end (125)"},
    {"index_tag", FIRN_UNIMPLEMENTED,
     INDEX("index_tag") "block at offset 0 uses compression 7"},
#ifdef FIRN_HAVE_SNAPPY
    {"snappy_bad", FIRN_DATA_LOSS,
     INDEX("snappy_bad") "block at offset 0 is not what snappy wrote"},
    {"snappy_bomb", FIRN_DATA_LOSS,
     INDEX("snappy_bomb") "block at offset 0 claims an impossible size "
                          "before compression"},
#endif
    {"index_restarts", FIRN_DATA_LOSS,
     INDEX("index_restarts") "block at offset 0 of 40 bytes has no room "
                             "for "
                             "its 1073741824 restarts"},
    {"index_shared", FIRN_DATA_LOSS,
     INDEX("index_shared") "entry at offset 9 of the block at offset 0 is "
                           "damaged"},
    {"index_lengths", FIRN_DATA_LOSS,
     INDEX("index_lengths") "entry at offset 9 of the block at offset 0 is "
                            "damaged"},
    {"index_order", FIRN_DATA_LOSS,
     INDEX("index_order") "the keys of the index are not in order at 'w'"},
    {"index_twice", FIRN_DATA_LOSS,
     INDEX("index_twice") "block at offset 0 begins before the end of the "
                          "block before it (40)"},
    {"index_keys", FIRN_RESOURCE_EXHAUSTED,
     INDEX("index_keys") "keys take many times the room of their file"},
    {"header_none", FIRN_DATA_LOSS,
     INDEX("header_none") "the index has no header"},
    {"header_shards", FIRN_DATA_LOSS,
     INDEX("header_shards") "the header counts 0 shards"},
    {"header_order", FIRN_DATA_LOSS,
     INDEX("header_order") "the header names byte order 2, wanted 0 or 1"},
    {"header_version", FIRN_UNIMPLEMENTED,
     INDEX("header_version") "written for readers of version 2, firn is of "
                             "version 1"},
    {"header_barred", FIRN_UNIMPLEMENTED,
     INDEX("header_barred") "its writer bars readers of version 1"},
    {"header_damaged", FIRN_DATA_LOSS,
     INDEX("header_damaged") "num_shards: varint cut short after 1 bytes "
                             "at "
                             "offset 1"},
    {"entry_damaged", FIRN_DATA_LOSS,
     INDEX("entry_damaged") "the entry of 'w' is damaged"},
    {"shard_missing", FIRN_NOT_FOUND,
     OPENING("shard_missing") "cannot open '" F
                              "shard_missing.data-00001-of-00002': no such "
                              "file or directory"},
    {"v1_lacks", FIRN_NOT_FOUND,
     OPENING("v1_lacks") "its shard '" F "v1_lacks-00001-of-00002' is missing"},
    {"v1_quarrel", FIRN_DATA_LOSS,
     OPENING("v1_quarrel") "'v' has different types or shapes in different "
                           "places"},
    {"v1_no_meta", FIRN_DATA_LOSS,
     V1("v1_no_meta") "the table has no list of tensors"},
    {"v1_damaged", FIRN_DATA_LOSS,
     V1("v1_damaged") "meta: varint cut short after 1 bytes at offset 1"},
    {"v1_version", FIRN_UNIMPLEMENTED,
     V1("v1_version") "written for readers of version 9, firn is of "
                      "version "
                      "1"},
};

TEST_FN(refuses_damaged_files) {
  const struct damaged_file *row;
  EACH (row, damaged_files) {
    char path[200];
    firn_error err = FIRN_ERROR_INIT;
    firn_checkpoint *ck = NULL;
    snprintf(path, sizeof path, F "%s", row->name);
    CHECK_EQ(firn_checkpoint_open(path, NULL, &ck, &err), row->code);
    CHECK_STR(err.message, row->says);
    CHECK(ck == NULL);
  }
}

static const struct damaged_tensor {
  const char *name, *tensor;
  firn_code code;
  const char *says;
} damaged_tensors[] = {
    {"data_checksum", "w", FIRN_DATA_LOSS,
     READING("w", "data_checksum") "data at offset 0 has checksum 02a73fc1, "
                                   "not 12345678"},
    {"entry_shard", "w", FIRN_DATA_LOSS,
     READING("w", "entry_shard") "its entry says shard 3, the header counts "
                                 "1"},
    {"entry_shard_below", "w", FIRN_DATA_LOSS,
     READING("w", "entry_shard_below") "its entry says shard -1, the header "
                                       "counts 1"},
    {"entry_offset", "w", FIRN_DATA_LOSS,
     READING("w", "entry_offset") "24 bytes at offset 1 run past the end of "
                                  "'" F
                                  "entry_offset.data-00000-of-00001' (24)"},
    {"entry_offset_below", "w", FIRN_DATA_LOSS,
     READING("w", "entry_offset_below") "24 bytes at offset -8 run past the "
                                        "end of '" F
                                        "entry_offset_below.data-00000-of-"
                                        "00001' (24)"},
    {"entry_size", "w", FIRN_DATA_LOSS,
     READING("w", "entry_size") "its entry says 20 bytes, 6 elements of "
                                "float32 take 24"},
    {"entry_size_below", "w", FIRN_DATA_LOSS,
     READING("w", "entry_size_below") "its entry says -24 bytes, 6 elements "
                                      "of float32 take 24"},
    {"entry_huge", "w", FIRN_DATA_LOSS,
     READING("w", "entry_huge") "its entry says 24 bytes, "
                                "1152921504606846976 elements of float32 "
                                "take 4611686018427387904"},
    {"entry_uncountable", "w", FIRN_DATA_LOSS,
     READING("w", "entry_uncountable") "shape [1099511627776,1099511627776] "
                                       "has too many elements to count"},
    {"entry_shape", "w", FIRN_DATA_LOSS,
     READING("w", "entry_shape") "its shape is damaged"},
    {"entry_extent", "w", FIRN_DATA_LOSS,
     READING("w", "entry_extent") "its shape has extent -3 on axis 1"},
    {"entry_axes", "w", FIRN_UNIMPLEMENTED,
     READING("w", "entry_axes") "its shape has more than 16 axes"},
    {"entry_type", "w", FIRN_UNIMPLEMENTED,
     READING("w", "entry_type") "its type number 99 is none that firn knows"},
    {"entry_reference", "w", FIRN_UNIMPLEMENTED,
     READING("w", "entry_reference") "its type number 101 is none that firn "
                                     "knows"},
    {"entry_variant", "w", FIRN_UNIMPLEMENTED,
     READING("w", "entry_variant") "its type is variant, whose values firn "
                                   "cannot read from checkpoints"},
    {"strings_lengths", "s", FIRN_DATA_LOSS,
     READING("s", "strings_lengths") "list of lengths at offset 0 has "
                                     "checksum d6170114, not d6178114"},
    {"strings_data", "s", FIRN_DATA_LOSS,
     READING("s", "strings_data") "data at offset 0 has checksum d4db9dbd, "
                                  "not c78b6e49"},
    {"strings_sum", "s", FIRN_DATA_LOSS,
     READING("s", "strings_sum") "its strings take 9 bytes, its entry has 8"},
    {"strings_damaged", "s", FIRN_DATA_LOSS,
     READING("s", "strings_damaged") "the length of string 1 of 2 is "
                                     "damaged"},
    {"strings_many", "s", FIRN_DATA_LOSS,
     READING("s", "strings_many") "its entry says 14 bytes, 1125899906842624 "
                                  "elements of string take at least "
                                  "1125899906842624"},
    {"slices_gap", "v", FIRN_DATA_LOSS,
     READING("v", "slices_gap") "its slices leave out 1 of 4 elements"},
    {"slices_overlap", "v", FIRN_DATA_LOSS,
     READING("v", "slices_overlap") "its slices '0,2' and '1,3' overlap"},
    {"slices_outside", "v", FIRN_DATA_LOSS,
     READING("v", "slices_outside") "its part 1, '3,2': slice starts at 3 "
                                    "with extent 2 on axis 0 of shape [4]"},
    {"slices_rank", "v", FIRN_DATA_LOSS,
     READING("v", "slices_rank") "its part 1, '2,1:-': slice of 2 axes of a "
                                 "tensor of shape [4]"},
    {"slices_missing", "v", FIRN_DATA_LOSS,
     READING("v", "slices_missing") "the index lacks the entry of its slice "
                                    "'2,2'"},
    {"slices_nested", "v", FIRN_DATA_LOSS,
     READING("v", "slices_nested") "the entry of its slice '2,2' is damaged"},
    {"slices_shape", "v", FIRN_DATA_LOSS,
     READING("v", "slices_shape") "its slice '2,2' is int32 [1,2], not int32 "
                                  "[2]"},
    {"slices_type", "v", FIRN_DATA_LOSS,
     READING("v", "slices_type") "its slice '2,2' is float32 [2], not int32 "
                                 "[2]"},
    {"slices_shared", "v", FIRN_DATA_LOSS,
     READING("v", "slices_shared") "its slices claim 16 bytes, the files "
                                   "have 8"},
    {"slices_checksum", "v", FIRN_DATA_LOSS,
     READING("v", "slices_checksum") "data at offset 8 has checksum "
                                     "2c4e0410, not 00000001"},
    {"v1_no_value", "v", FIRN_DATA_LOSS,
     READING("v", "v1_no_value") "'" F "v1_no_value' lacks its slice '2,2'"},
    {"v1_few", "w", FIRN_DATA_LOSS,
     READING("w", "v1_few") "its slice has 3 elements of float32, not 6"},
    {"v1_other", "w", FIRN_DATA_LOSS,
     READING("w", "v1_other") "its slice has 0 elements of float32, not 6"},
    {"v1_empty", "w", FIRN_DATA_LOSS,
     READING("w", "v1_empty") "6 elements cannot lie in the 2 bytes stored"},
    {"v1_huge", "w", FIRN_DATA_LOSS,
     READING("w", "v1_huge") "1152921504606846976 elements cannot lie in the "
                             "39 bytes stored"},
    {"v1_no_slices", "w", FIRN_DATA_LOSS,
     READING("w", "v1_no_slices") "its slices leave out 6 of 6 elements"},
    {"v1_unknown_shape", "w", FIRN_DATA_LOSS,
     READING("w", "v1_unknown_shape") "its shape is not fully known"},
    {"v1_bad_shape", "w", FIRN_DATA_LOSS,
     READING("w", "v1_bad_shape") "its shape: extent 1 of a shape is -5"},
    {"v1_type", "w", FIRN_UNIMPLEMENTED,
     READING("w", "v1_type") "its type number 99 is none that firn knows"},
};

TEST_FN(refuses_damaged_tensors) {
  const struct damaged_tensor *row;
  EACH (row, damaged_tensors) {
    char path[200];
    firn_error err = FIRN_ERROR_INIT;
    firn_checkpoint *ck = NULL;
    firn_tensor *tensor = NULL;
    snprintf(path, sizeof path, F "%s", row->name);
    CHECK_OK(firn_checkpoint_open(path, NULL, &ck, &err), &err);
    CHECK_EQ(firn_checkpoint_read(ck, row->tensor, &tensor, &err), row->code);
    CHECK_STR(err.message, row->says);
    CHECK(tensor == NULL);
    firn_checkpoint_close(ck);
  }
}

/* What cannot be described is listed all the same. */
TEST_FN(lists_what_it_cannot_read) {
  static const struct {
    const char *name;
    firn_dtype dtype;
    int rank;
  } rows[] =
      {
          {"entry_type", FIRN_INVALID, 2},
          {"entry_axes", FIRN_INVALID, FIRN_UNKNOWN_RANK},
          {"entry_variant", FIRN_VARIANT, 2},
          {"entry_huge", FIRN_FLOAT, 2},
      },
    *row;
  EACH (row, rows) {
    char path[200];
    firn_error err = FIRN_ERROR_INIT;
    firn_checkpoint *ck = NULL;
    snprintf(path, sizeof path, F "%s", row->name);
    CHECK_OK(firn_checkpoint_open(path, NULL, &ck, &err), &err);
    CHECK_EQ(firn_checkpoint_count(ck), 1);
    const firn_checkpoint_entry e = firn_checkpoint_at(ck, 0);
    CHECK_EQ(e.dtype, row->dtype);
    CHECK_EQ(e.shape.rank, row->rank);
    firn_checkpoint_close(ck);
  }
}

/* However much a file claims, memory stays in proportion to the file. */
TEST_FN(believes_no_claims) {
  static const char *const names[] = {"entry_huge",  "strings_many",
                                      "snappy_bomb", "v1_huge",
                                      "index_keys",  "slices_shared"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[200];
    failing counter = {.fail_at = 0};
    const firn_allocator alloc = failing_allocator(&counter);
    firn_options options = FIRN_OPTIONS_INIT;
    firn_checkpoint *ck = NULL;
    options.allocator = &alloc;
    snprintf(path, sizeof path, F "%s", names[i]);
    firn_code code = firn_checkpoint_open(path, &options, &ck, NULL);
    for (size_t k = 0; code == FIRN_OK && k < firn_checkpoint_count(ck); k++) {
      firn_tensor *tensor = NULL;
      char name[8];
      const firn_str entry = firn_checkpoint_at(ck, k).name;
      snprintf(name, sizeof name, "%.*s", (int)entry.size, entry.data);
      code = firn_checkpoint_read(ck, name, &tensor, NULL);
    }
    firn_checkpoint_close(ck);
    CHECK(code != FIRN_OK);
    if (counter.peak > 200000)
      fail_msg("%s took %zu bytes", names[i], counter.peak);
    CHECK_EQ(counter.live, 0);
  }
}

SUITE(checkpoint_damage, TEST(refuses_damaged_files),
      TEST(refuses_damaged_tensors), TEST(lists_what_it_cannot_read),
      TEST(believes_no_claims));
