"""Fails when a generated file is not what its generator writes today: runs every
tools/gen_*.py with --check."""
import subprocess
import sys

from sources import ROOT

stale = []
for script in sorted((ROOT / "tools").glob("gen_*.py")):
    done = subprocess.run([sys.executable, str(script), "--check"], cwd=ROOT,
                          capture_output=True, text=True)
    if done.returncode:
        stale.append(f"{script.name} --check: {(done.stdout + done.stderr).strip()}")
print("\n".join(stale))
sys.exit(bool(stale))
