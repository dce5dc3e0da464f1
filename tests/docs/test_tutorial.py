"""docs/tutorial.md, followed literally from an empty directory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCS = Path(__file__).parents[2] / "docs"
TESTS = Path(__file__).parents[1]
# Nothing is downloaded: pip takes what is installed here, and covgate is this one.
PIP = f"""\
import sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from project_environments import LEAN, _borrow, site_packages
environment = Path(sys.argv[1])
for name in LEAN:
    _borrow(name, site_packages(environment))
for name in ("covgate", "pre-commit"):
    program = environment / "bin" / name
    module = name.replace("-", "_")
    program.write_text(f"#!/bin/sh\\nexec {sys.executable} -m {{module}} \\"$@\\"\\n")
    program.chmod(0o755)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> list[str]:
    """What each block said; the blocks run one after the other in one shell."""
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "pip.py").write_text(PIP)
    text = (DOCS / "tutorial.md").read_text()
    blocks = re.findall(r"(?ms)^```console\n(.*?)^```$", text)
    lines = [
        "set -e",
        f'pip() {{ "{sys.executable}" "{folder}/pip.py" "$VIRTUAL_ENV"; }}',
        f'python3() {{ "{sys.executable}" "$@" --without-pip; }}',
    ]
    for number, block in enumerate(blocks):
        lines += [f"echo '<<{number}>>'", block]
    env = {name: value for name, value in clean_env.items() if name != "COVGATE_PYTHON"}
    env.update(PRE_COMMIT_HOME=str(folder / "home"), PYTHONPATH=os.environ.get("PYTHONPATH", ""))
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return re.split(r"<<\d+>>\n", done.stdout)[1:]


EXPECTED = {
    2: "environment",
    3: "covgate: passed",
    4: "1 of 5 changed lines not covered",
    5: "diff-coverage: Changed lines are not run by tests",
    6: "blocked again, by the hook",
    7: "Take coupons",
    8: "2 of 2 known tests have a trace that holds",
    9: "covgate: passed",
}


def test_each_block_says_what_the_page_says(told: list[str]) -> None:
    said = {number: told[number] for number in EXPECTED}
    assert {n: text for n, text in said.items() if EXPECTED[n] not in text} == {}
    assert len(told) == 10
