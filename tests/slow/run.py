#!/usr/bin/env python3
"""Runs what is too slow for every day: kills, full disks, gigabytes.

    tests/slow/run.py [--kills N] FIRN [CASE]...

    kill_steps   training that saves each step under a new name is killed 200 times
    kill_same    the same over one name
    full_disk    saving fails at every size; the old checkpoint stays as it was
    big          a variable of 2.6 GB is written, restored, saved, compared

The folder for files is TMPDIR's; `big` wants 6 GB there and 3 GB of memory. The last
line says "N passed, N failed".
"""
import argparse
import hashlib
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
TRAIN = TOP / "tests/golden/train"
KILLS = 200
FIRN = None


def firn(*words):
    done = subprocess.run([FIRN, *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, f"firn {' '.join(map(str, words))}: {done.stderr}"
    return done.stdout


# ---- Kills --------------------------------------------------------------------------


def training(prefix, start, *words):
    """Training without end that saves each step."""
    return [FIRN, "train", TRAIN / "line.meta", "--checkpoint", start, "--batch",
            f"x={TRAIN / 'x.npy'}", "--batch", f"y={TRAIN / 'y.npy'}", "--steps", "1000000",
            "--target", "train", "--save", prefix, "--save-every", "1", *words]


def step_of(prefix, here):
    """The step that a checkpoint says; every value in it is read and verified."""
    firn("checkpoint", "diff", prefix, prefix)
    firn("checkpoint", "get", prefix, f"global_step={here / 'step.json'}")
    return int((here / "step.json").read_text())


def kill_while_saving(command, here, ready):
    """Starts it, waits until it has saved once, kills it a moment later."""
    log = open(here / "log", "wb")
    child = subprocess.Popen([str(c) for c in command], stdout=log, stderr=log)
    until = time.monotonic() + 60
    while not ready() and child.poll() is None and time.monotonic() < until:
        time.sleep(0.001)
    assert child.poll() is None, (here / "log").read_text()
    time.sleep(random.random() * 0.03)
    child.send_signal(signal.SIGKILL)
    child.wait()
    log.close()


def newest(folder):
    """What the state file names; the checkpoint list of a folder is its newest's."""
    for line in (folder / "checkpoint").read_text().splitlines():
        if line.startswith("model_checkpoint_path:"):
            return folder / line.split('"')[1].rsplit("/", 1)[-1]
    raise AssertionError("the state file names none")


def kill_steps(here):
    """The state file always names a whole checkpoint, and no older one than before."""
    run, start, reached = here / "run", TRAIN / "line.ckpt-0", -1
    run.mkdir()
    for _ in range(KILLS):
        before = (run / "checkpoint").stat().st_mtime_ns if reached >= 0 else 0
        kill_while_saving(training(run / "m", start, "--step-suffix"), here,
                          lambda: (run / "checkpoint").exists() and
                          (run / "checkpoint").stat().st_mtime_ns != before)
        start = newest(run)
        step = step_of(start, here)
        assert step == int(start.name.rsplit("-", 1)[1]), f"{start} is of step {step}"
        assert step > reached, f"step {step} after step {reached}"
        firn("checkpoint", "list", run)
        reached = step
        if len(list(run.iterdir())) > 200:  # what kills left behind
            for path in run.glob("*tempstate*"):
                path.unlink()


def kill_same(here):
    """Under one name lies the old checkpoint or the new one."""
    prefix, start, reached = here / "m", TRAIN / "line.ckpt-0", 0
    index = pathlib.Path(f"{prefix}.index")
    for _ in range(KILLS):
        before = index.stat().st_mtime_ns if reached else 0
        kill_while_saving(training(prefix, start), here,
                          lambda: index.exists() and index.stat().st_mtime_ns != before)
        start = prefix
        step = step_of(prefix, here)
        assert step >= reached, f"step {step} after step {reached}"
        reached = step
        for path in here.glob("*tempstate*"):
            path.unlink()


# ---- Full disks ---------------------------------------------------------------------


def digest(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def write_some(prefix, version):
    firn("checkpoint", "convert", TOP / "demo/model/digits-1500", "--to", version, "-o", prefix)


def fails_at(limit, command):
    def restrict():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          preexec_fn=restrict)


def full_disk(here):
    """No file may grow beyond a limit, whatever the limit: an error, all as before."""
    for version in ("v2", "v1"):
        folder = here / version
        folder.mkdir()
        write_some(folder / "m", version)
        before = digest(folder)
        size = max(p.stat().st_size for p in folder.iterdir())
        command = [FIRN, "checkpoint", "convert", TOP / "demo/model/digits-1500", "--to", version,
                   "-o", folder / "m"]
        for limit in [0, 1, 100, size // 3, size // 2, size - 1]:
            done = fails_at(limit, command)
            assert done.returncode == 1 and "cannot write" in done.stderr, (limit, done)
            assert digest(folder) == before, f"limit {limit}: {sorted(digest(folder))}"
        assert fails_at(8 * size, command).returncode == 0
    on_small_disk(here)


def on_small_disk(here):
    """The same where the disk is really full; only root may make one."""
    disk = here / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk],
                             capture_output=True)
    if mounted.returncode:
        print("       no tmpfs here; limits on file sizes had to do")
        return
    try:
        small = TRAIN / "line.ckpt-0"
        firn("checkpoint", "convert", small, "--to", "v2", "-o", disk / "m")
        before = digest(disk)
        source = here / "large"
        write_large(source)
        done = subprocess.run([FIRN, "checkpoint", "convert", source, "--to", "v2", "-o", disk / "m"],
                              capture_output=True, text=True)
        assert done.returncode == 1 and "no space left" in done.stderr.lower(), done
        assert digest(disk) == before, sorted(digest(disk))
    finally:
        subprocess.run(["umount", disk], check=True)


def write_large(prefix):
    """More than the small disk holds: the demo's model under several names."""
    parts = []
    for i in range(4):
        parts.append(f"{prefix}-{i}")
        firn("checkpoint", "rename", TOP / "demo/model/digits-1500", "--rename", f"^=n{i}/", "-o", parts[-1])
    firn("checkpoint", "merge", *parts, "-o", prefix)


# ---- Gigabytes ----------------------------------------------------------------------

GRAPH = """
node { name: "big" op: "VariableV2"
  attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "shape" value { shape { dim { size: 663 } dim { size: 1048576 } } } } }
node { name: "small" op: "VariableV2"
  attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "shape" value { shape { dim { size: 1 } } } } }
node { name: "read" op: "Identity" input: "small"
  attr { key: "T" value { type: DT_FLOAT } } }
"""


def big(here):
    program = pathlib.Path(FIRN).parent / "tests/slow/big_variable"
    subprocess.run([program, "write", here / "one"], check=True)
    assert (here / "one.data-00000-of-00001").stat().st_size > 2.6e9
    (here / "graph.pbtxt").write_text(GRAPH)
    firn("run", here / "graph.pbtxt", "--checkpoint", here / "one", "--fetch", "read:0",
         "--save", here / "two")
    firn("checkpoint", "diff", here / "one", here / "two")
    for suffix in (".index", ".data-00000-of-00001"):
        os.unlink(f"{here / 'one'}{suffix}")
    firn("checkpoint", "rename", here / "two", "--rename", "small=tiny", "-o", here / "three")
    subprocess.run([program, "check", here / "three"], check=True)


CASES = (kill_steps, kill_same, full_disk, big)


def main():
    global FIRN, KILLS
    parser = argparse.ArgumentParser()
    parser.add_argument("firn", type=pathlib.Path)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--kills", type=int, default=KILLS)
    args = parser.parse_args()
    FIRN, KILLS = str(args.firn.resolve()), args.kills
    random.seed(1)
    passed = failed = 0
    for case in CASES:
        if args.cases and case.__name__ not in args.cases:
            continue
        here = pathlib.Path(tempfile.mkdtemp(prefix="firn-slow-"))
        begin = time.monotonic()
        try:
            case(here)
            passed += 1
            print(f"ok     {case.__name__} ({time.monotonic() - begin:.0f} s)", flush=True)
        except Exception:  # one that fails must not end the others
            failed += 1
            print(f"not ok {case.__name__}", flush=True)
            traceback.print_exc(file=sys.stdout)
        finally:
            shutil.rmtree(here)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
