/* firn/firn.h: all of firn.
 *
 * firn opens, inspects, freezes and runs TensorFlow models without TensorFlow.
 * The headers, in reading order:
 *
 *   common.h      strings, bytes, options
 *   status.h      codes and errors
 *   tensor.h      element types, shapes, tensors, files of them
 *   checkpoint.h  read and write checkpoints
 *   graph.h       walk and write a graph
 *   session.h     run a graph by tensor names
 *   model.h       open anything; signatures; guesses; freeze
 *   saver.h       keep the checkpoints of a training run
 *   surgery.h     make a checkpoint of checkpoints
 *   saved_model.h write and edit SavedModels
 *   nn.h          build networks: layers, losses, optimisers
 *   ops.h         what firn can compute
 *
 * The whole life of a run:
 *
 *   firn_model_open → firn_model_session → firn_session_run → results
 *
 * Verbs say who owns what: open/close, new/free, read give you something to
 * release; at, find, get borrow.
 */
#ifndef FIRN_FIRN_H
#define FIRN_FIRN_H

#include "firn/checkpoint.h"
#include "firn/common.h"
#include "firn/graph.h"
#include "firn/model.h"
#include "firn/nn.h"
#include "firn/ops.h"
#include "firn/saved_model.h"
#include "firn/saver.h"
#include "firn/session.h"
#include "firn/status.h"
#include "firn/surgery.h"
#include "firn/tensor.h"

#endif
