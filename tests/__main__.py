"""`python -m tests`: everything that a change must pass, in one command."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

# Top-level modules of the project's interpreter: a package for none of the other checks.
RECORDER = sorted(map(str, (TOP / "src/covgate/run/recorder").glob("_covgate_[!t]*.py")))

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("mypy", "--no-namespace-packages", *RECORDER),
    ("lint-imports",),
    ("pytest", "-n", "auto", "--dist", "worksteal", *sys.argv[1:]),
)


def main() -> int:
    """Run all checks, and return 1 when any of them fails; the tests come last."""
    failed = []
    for program, *words in CHECKS:
        print(f"$ {shlex.join((program, *words))}", flush=True)
        if subprocess.run([str(BIN / program), *words], cwd=TOP, check=False).returncode:
            failed.append(program)
    if failed == ["pytest"]:
        # Real processes on a busy machine: what fails twice, the second time alone, has failed.
        print("$ pytest --last-failed", flush=True)
        again = subprocess.run([str(BIN / "pytest"), "--last-failed"], cwd=TOP, check=False)
        failed = ["pytest"] if again.returncode else []
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
