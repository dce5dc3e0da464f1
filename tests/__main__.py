"""`python -m tests`: everything that a change must pass, in one command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    ("pytest", *sys.argv[1:]),
)


def main() -> int:
    """Run all checks, and return 1 when any of them fails; the tests come last."""
    failed = []
    for program, *words in CHECKS:
        print(f"$ {program} {' '.join(words)}".rstrip(), flush=True)
        if subprocess.run([str(BIN / program), *words], cwd=TOP, check=False).returncode:
            failed.append(program)
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
