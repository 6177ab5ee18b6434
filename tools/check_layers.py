"""Fails when a file includes a layer above its own. The list is the law."""
import pathlib
import re
import sys

LAYERS = ["base", "proto", "tensor", "checkpoint", "opdef", "graph", "ops",
          "build", "runtime", "model", "serve"]
FRONTS = ["cli", "capi"]  # see the public headers only

bad = []
for path in sorted(pathlib.Path("src").rglob("*.[ch]")):
    own = path.parts[1]
    if own not in LAYERS + FRONTS:
        bad.append(f"{path}: '{own}' is no layer")
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        hit = re.match(r'\s*#\s*include "([^/"]+)(/?)', line)
        if not hit or hit[1] in ("firn", own):
            continue
        if not hit[2] or hit[1] not in LAYERS:
            bad.append(f"{path}:{number}: write the layer: \"{own}/...\"")
        elif own in FRONTS or LAYERS.index(hit[1]) > LAYERS.index(own):
            bad.append(f"{path}:{number}: {own} may not include {hit[1]}")
for folder in ("examples", "include"):
    for path in sorted(pathlib.Path(folder).rglob("*.[ch]")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            hit = re.match(r'\s*#\s*include "(?!firn/)([^"]+)"', line)
            if hit:
                bad.append(f"{path}:{number}: public code includes {hit[1]}")
print("\n".join(bad))
sys.exit(bool(bad))
