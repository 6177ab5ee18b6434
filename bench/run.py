#!/usr/bin/env python3
"""Measures firn on models and prints a JSON line for each number.

    bench/run.py FIRN [--models DIR] [--rounds N] [--tensorflow PYTHON] [NAME]...

DIR holds models as the oracle makes them, a case.json in each (FIRN_MODELS is its
default; without it only the demo's model is measured). Ratios are taken in pairs,
one right after the other, and the median is given, because machines have moods.
Benchmarks report; they never fail on a slow number. --tensorflow names a Python
that has TensorFlow, for the last column of `warm`.

    freeze   wall time against `cp` of the result, and the largest resident set
    cold     from the start of the process to the first output
    saved    the same from a SavedModel, by signature
    warm     one inference in a session that has run before, one thread
    train    one training step on two threads, and what starting and saving take
    restore, reload, save, copy
             1 GB in eight variables behind a scalar, against `cp` of the checkpoint's
             data: a command from start to end that reads all of them; the values of a
             checkpoint for variables that have some; saving them; a copy of the
             checkpoint. `above_mib` is memory beyond the variables. (The name
             `checkpoint` asks for these only.)
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent


def timed(*command):
    """(seconds, largest resident set in KiB) of a command that must succeed."""
    begin = time.perf_counter()
    child = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begin
    if status:
        sys.exit(f"{' '.join(map(str, command))}: failed")
    return seconds, usage.ru_maxrss


def report(**fields):
    print(json.dumps({k: round(v, 5) if isinstance(v, float) else v
                      for k, v in fields.items()}), flush=True)


def bench_freeze(firn, name, model, checkpoint, outputs, rounds):
    """The checkpoint is copied first: a file written at once lies in larger pieces of the
    page cache than one that grew, and the one that `cp` reads was written at once."""
    with tempfile.TemporaryDirectory(dir=TOP / "build") as here:
        frozen, copy = pathlib.Path(here, "frozen.pb"), pathlib.Path(here, "copy.pb")
        for part in checkpoint.parent.glob(checkpoint.name + ".*"):
            shutil.copy(part, here)
        checkpoint = pathlib.Path(here, checkpoint.name)
        command = [firn, "freeze", model, "--checkpoint", checkpoint,
                   "--outputs", ",".join(outputs), "-o", frozen]
        timed(*command)
        ratios, times, peak = [], [], 0
        for _ in range(rounds):
            frozen.unlink()
            freeze, resident = timed(*command)
            copy.unlink(missing_ok=True)
            cp, _ = timed("cp", frozen, copy)
            ratios.append(freeze / cp)
            times.append(freeze)
            peak = max(peak, resident)
        report(bench="freeze", model=name, bytes=frozen.stat().st_size,
               seconds=statistics.median(times), times_cp=statistics.median(ratios),
               resident_mib=peak / 1024)


def bench_run(args, name, graph, feeds, fetches):
    words = [w for feed in feeds for w in ("--feed", feed)]
    words += [w for fetch in fetches for w in ("--fetch", fetch)]
    runs = [timed(args.firn, "run", graph, *words) for _ in range(args.rounds)]
    cold = statistics.median(r[0] for r in runs)
    report(bench="cold", model=name, seconds=cold,
           resident_mib=max(r[1] for r in runs) / 1024)
    warm = args.firn.parent / "bench/warm"
    if not warm.exists():
        return
    ours = subprocess.run([warm, graph, *feeds, "--", *fetches], check=True,
                          capture_output=True, text=True)
    fields = dict(bench="warm", model=name, seconds=float(ours.stdout))
    fields["cold_times_warm"] = cold / fields["seconds"]
    if args.tensorflow:
        theirs = subprocess.run([args.tensorflow, TOP / "bench/warm_tensorflow.py", graph,
                                 *feeds, "--", *fetches], check=True,
                                capture_output=True, text=True)
        fields["times_tensorflow"] = fields["seconds"] / float(theirs.stdout.split()[-1])
    report(**fields)


def bench_saved_model(args, name, folder, check):
    run = next((r for r in check["runs"] if r.get("signature") and
                all(s["dtype"] != "string" for s in r["feeds"].values())), None)
    if not run:
        return
    saved = folder / check["dir"]
    feeds = [f"{n}={folder / s['file']}" for n, s in run["feeds"].items()]
    tags = ",".join(check["tags"])
    command = [args.firn, "run", saved, "--tags", tags, "--signature", run["signature"]]
    command += [w for feed in feeds for w in ("--feed", feed)]
    ours = [timed(*command) for _ in range(args.rounds)]
    fields = dict(bench="saved", model=name,
                  seconds=statistics.median(o[0] for o in ours),
                  resident_mib=max(o[1] for o in ours) / 1024)
    if args.tensorflow:
        theirs = timed(args.tensorflow, TOP / "bench/saved_model_tensorflow.py", saved,
                       tags, run["signature"], *feeds)
        fields["times_tensorflow"] = fields["seconds"] / theirs[0]
        fields["times_tensorflow_memory"] = fields["resident_mib"] / (theirs[1] / 1024)
    report(**fields)


def write_zeros(path, count):
    """A vector of int64 zeros as .npy, without numpy."""
    head = f"{{'descr': '<i8', 'fortran_order': False, 'shape': ({count},), }}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\0" + len(head).to_bytes(2, "little") +
                     head.encode() + bytes(8 * count))


def bench_train(args, name, checkpoint, train_op, loss, words, steps):
    with tempfile.TemporaryDirectory(dir=TOP / "build") as here:
        command = [args.firn, "train", checkpoint, "--target", train_op, "--fetch",
                   loss, "--save", pathlib.Path(here, "after"), "--threads", "2"]
        for kind, name_and_file in words:
            command += ["--" + kind, name_and_file]
        steps_taken, ratios = [], []
        for _ in range(max(3, args.rounds // 3)):
            once, _ = timed(*command, "--steps", "1")
            whole, resident = timed(*command, "--steps", str(1 + steps))
            steps_taken.append((whole - once) / steps)
            if args.tensorflow:
                theirs = subprocess.run(
                    [args.tensorflow, TOP / "bench/train_tensorflow.py", checkpoint,
                     train_op, loss, str(1 + steps), *(f"{k}:{w}" for k, w in words)],
                    check=True, capture_output=True, text=True)
                ratios.append(steps_taken[-1] / float(theirs.stdout.split()[-1]))
        fields = dict(bench="train", model=name, seconds=statistics.median(steps_taken),
                      start_and_save=once, resident_mib=resident / 1024)
        if ratios:
            fields["times_tensorflow"] = statistics.median(ratios)
        report(**fields)


def bench_training(args, folder, case):
    for check in case["checks"]:
        if check["kind"] == "train":
            words = [("batch", f"{n}={folder / s['file']}")
                     for n, s in check["batches"].items()]
            words += [("feed", f"{n}={folder / s['file']}")
                      for n, s in check["constant_feeds"].items()]
            bench_train(args, case["name"], folder / check["checkpoint"],
                        check["train_op"], check["loss"], words, 200)
        elif check["kind"] == "checkpoint" and "loss" in check:
            with tempfile.TemporaryDirectory(dir=TOP / "build") as here:
                labels = pathlib.Path(here, "labels.npy")
                (feed, spec), = check["runs"][0]["feeds"].items()
                write_zeros(labels, spec["shape"][0])
                words = [("feed", f"{feed}={folder / spec['file']}"),
                         ("feed", f"labels:0={labels}")]
                bench_train(args, case["name"], folder / check["checkpoint"],
                            check["train_op"], check["loss"], words, 4)


def bench_model(args, folder):
    case = json.loads((folder / "case.json").read_text())
    for check in case["checks"]:
        if check["kind"] == "freeze":
            bench_freeze(args.firn, f"{case['name']}/{check['id']}",
                         folder / check["meta"], folder / check["checkpoint"],
                         check["output_node_names"], args.rounds)
        elif check["kind"] == "frozen":
            run = check["runs"][0]
            feeds = [f"{name}={folder / spec['file']}" for name, spec in run["feeds"].items()]
            bench_run(args, case["name"], folder / check["graph"], feeds,
                      list(run["fetches"]))
        elif check["kind"] == "saved_model":
            bench_saved_model(args, f"{case['name']}/{check['id']}", folder, check)
    bench_training(args, folder, case)


VARIABLES, ROWS, COLUMNS = 8, 32, 1 << 20


def write_variables(path):
    """A graph of eight variables of 128 MiB, each with an initialiser, and a scalar whose
    name comes first: in the file of a checkpoint nothing begins at a round offset, as
    behind the counters of Adam."""
    value = 'attr { key: "dtype" value { type: %s } } attr { key: "value" value { tensor { %s } } }'
    kind = 'attr { key: "T" value { type: DT_FLOAT } }'
    nodes = []
    for name, dims in [("beta1_power", [])] + [(f"w{i}", [ROWS, COLUMNS]) for i in range(VARIABLES)]:
        shape = " ".join("dim { size: %d }" % d for d in dims)
        sizes = " ".join(f"int_val: {d}" for d in dims)
        nodes += [
            f'node {{ name: "{name}" op: "VariableV2" attr {{ key: "dtype" value {{ type: DT_FLOAT }} }} '
            f'attr {{ key: "shape" value {{ shape {{ {shape} }} }} }} }}',
            'node { name: "%s/dims" op: "Const" %s }' % (name, value % (
                "DT_INT32", f"dtype: DT_INT32 tensor_shape {{ dim {{ size: {len(dims)} }} }} {sizes}")),
            'node { name: "%s/value" op: "Const" %s }' % (name, value % (
                "DT_FLOAT", f"dtype: DT_FLOAT tensor_shape {{ }} float_val: {len(nodes) + 1}.5")),
            f'node {{ name: "{name}/fill" op: "Fill" input: "{name}/dims" input: "{name}/value" {kind} }}',
            f'node {{ name: "{name}/init" op: "Assign" input: "{name}" input: "{name}/fill" {kind} }}',
            f'node {{ name: "{name}/read" op: "Identity" input: "{name}" {kind} }}']
    path.write_text("\n".join(nodes))
    return ["beta1_power"] + [f"w{i}" for i in range(VARIABLES)]


class Session:
    """A session that lives: see bench/checkpoint.c."""

    def __init__(self, *command):
        self.child = subprocess.Popen([str(c) for c in command], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, line):
        """(seconds, largest resident set in KiB)"""
        print(line, file=self.child.stdin, flush=True)
        seconds, resident = self.child.stdout.readline().split()
        return float(seconds), int(resident)

    def end(self):
        self.child.communicate()
        if self.child.returncode:
            sys.exit("bench/checkpoint: failed")


def beside_cp(name, work, source, spoils, copy, rounds, held):
    """Reports what one kind of work takes. The files of the round before are gone before
    either begins, and the first round does not count: it finds memory in another state."""
    times, ratios, peak = [], [], 0
    for i in range(rounds + 1):
        for old in spoils.parent.glob(spoils.name + "*"):
            old.unlink()
        took, resident = work()
        copy.unlink(missing_ok=True)
        cp, _ = timed("cp", source, copy)
        if i:
            times.append(took)
            ratios.append(took / cp)
            peak = max(peak, resident)
    report(bench=name, model="variables", bytes=source.stat().st_size,
           seconds=statistics.median(times), times_cp=statistics.median(ratios),
           resident_mib=peak / 1024, above_mib=(peak - held / 1024) / 1024)


def bench_checkpoint(args):
    with tempfile.TemporaryDirectory(dir=TOP / "build") as here:
        here = pathlib.Path(here)
        graph, one, two = here / "graph.pbtxt", here / "one", here / "two"
        names = write_variables(graph)
        targets = {kind: [w for n in names for w in ("--target", f"{n}/{kind}")]
                   for kind in ("init", "read")}
        timed(args.firn, "run", graph, *targets["init"], "--save", one)
        source = here / "one.data-00000-of-00001"
        held, rounds = source.stat().st_size, max(3, args.rounds // 3)

        def row(name, work, held=held):
            beside_cp(name, work, source, two, here / "copied", rounds, held)

        row("restore", lambda: timed(args.firn, "run", graph, "--checkpoint", one, *targets["read"]))
        row("copy", lambda: timed(args.firn, "checkpoint", "convert", one, "--to", "v2", "-o", two), 0)
        program = args.firn.parent / "bench/checkpoint"
        if program.exists():
            session = Session(program, graph, one)
            row("reload", lambda: session.ask("restore"))
            row("save", lambda: session.ask(f"save {two}"))
            session.end()


def bench_demo(args):
    out = TOP / "build/demo"
    out.mkdir(parents=True, exist_ok=True)
    prefix = TOP / "demo/model/digits-1500"
    bench_freeze(args.firn, "demo", f"{prefix}.meta", prefix, ["probability"], args.rounds)
    timed(args.firn, "freeze", prefix.parent, "-o", out / "frozen.pb")
    bench_run(args, "demo", out / "frozen.pb",
              [f"image={TOP / 'demo/images/all.npy'}"], ["probability:0"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("firn", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("names", nargs="*")
    parser.add_argument("--models", type=pathlib.Path,
                        default=os.environ.get("FIRN_MODELS"))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--tensorflow", default=shutil.which(
        os.environ.get("FIRN_TENSORFLOW", "")))
    args = parser.parse_intermixed_args()
    if not args.names:
        bench_demo(args)
    if not args.names or "checkpoint" in args.names:
        bench_checkpoint(args)
    if args.models:
        for case in sorted(pathlib.Path(args.models).glob("*/case.json")):
            if not args.names or case.parent.name in args.names:
                bench_model(args, case.parent)


if __name__ == "__main__":
    main()
