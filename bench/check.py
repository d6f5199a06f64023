"""How long `check` takes for 10,000 checklist items, the whole command.

python -m bench.check
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.made import made_checklists
from bench.results import table, write_section

ITEMS, ROUNDS = 10_000, 5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        made_checklists(root, ITEMS)
        size = sum(path.stat().st_size for path in root.rglob("*.yaml"))
        seconds = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            command = [sys.executable, "run.py", "--root", folder, "check", "--format", "json"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            seconds.append(time.perf_counter() - begun)
            if done.returncode not in (0, 1):
                raise SystemExit(done.stderr)
    rows = [
        (f"{ITEMS:,}", f"{size / 1e6:.1f} MB", f"{statistics.median(seconds):.2f} s", f"{min(seconds):.2f} s")
    ]
    head = ("items", "YAML", "median", "best")
    notes = "The whole command with the start of Python; every fault carries its place. Goal: under 3 s."
    write_section(
        "Checking 10,000 checklist items", "python -m bench.check", table(head, rows) + "\n\n" + notes
    )


if __name__ == "__main__":
    main()
