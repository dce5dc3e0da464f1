"""Make the pictures of this folder: what a terminal shows when the real gate is run.

`python docs/pictures/make.py`, in an environment with covgate, pytest, coverage and rich; on Linux
or macOS. Nothing is drawn by hand: git, pre-commit and covgate run in a pseudo-terminal of 80
columns, and what they write becomes text of an SVG.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
COLUMNS = 80
PRICE = '''\
def total(prices, coupon=None):
    """Return what is to be paid."""
    return sum(prices)
'''
TEST = """\
from shop.price import total


def test_total():
    assert total([1, 2]) == 3
"""
COUPON = '''\
def total(prices, coupon=None):
    """Return what is to be paid."""
    price = sum(prices)
    if coupon is not None:
        price -= price * coupon / 100
    return price
'''
COUPON_TEST = """

def test_coupon():
    assert total([50, 50], coupon=10) == 90
"""
SKIPPED_TEST = """

@pytest.mark.skip
def test_coupon():
    assert total([50, 50], coupon=10) == 90
"""
HOOK = """\
repos:
  - repo: local
    hooks:
      - id: covgate
        name: covgate
        entry: covgate check
        language: system
        pass_filenames: false
        always_run: true
        require_serial: true
"""
COVERAGE = '[tool.coverage.run]\nsource = ["shop"]\n'
COMMIT = 'git commit -m "Take coupons"'


class Step(NamedTuple):
    """Files that are staged, and the command that is typed then."""

    files: Mapping[str, str]
    command: str


PICTURES = {
    "commit": (
        Step({"shop/price.py": COUPON}, COMMIT),
        Step({"tests/test_price.py": TEST + COUPON_TEST}, COMMIT),
    ),
    "check": (
        Step(
            {
                "shop/price.py": COUPON.replace("sum(prices)", "sum(prices[1:])"),
                "tests/test_price.py": "import pytest\n\n" + TEST + SKIPPED_TEST,
            },
            "covgate check",
        ),
    ),
}


def main() -> int:
    """Write every picture; returns 0."""
    for name, steps in PICTURES.items():
        # A name that says nothing about the machine: the answer tells where the tests ran.
        folder = Path(tempfile.gettempdir(), "shop")
        folder.mkdir()
        try:
            shown = play(folder, steps)
        finally:
            shutil.rmtree(folder)
        (HERE / f"{name}.svg").write_text(picture(shown, name), encoding="utf-8")
        print(re.sub(r"\x1b\[[0-9;]*m", "", shown))
    return 0


def play(folder: Path, steps: tuple[Step, ...]) -> str:
    """Run the steps in a new project, and return what its terminal shows."""
    env = environment(folder)

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)

    git("init", "-q", "-b", "main")
    (folder / ".venv").symlink_to(sys.prefix)
    base = {"shop/price.py": PRICE, "shop/__init__.py": "", "tests/test_price.py": TEST}
    more = {".pre-commit-config.yaml": HOOK, ".gitignore": ".venv\n", "pyproject.toml": COVERAGE}
    write(folder, {**base, **more})
    git("add", "-A")
    git("commit", "-q", "-m", "A shop")
    subprocess.run(["pre-commit", "install"], cwd=folder, env=env, check=True, capture_output=True)
    shown = []
    for step in steps:
        write(folder, step.files)
        git("add", "-A")
        shown.append(f"\x1b[1m$ {step.command}\x1b[0m\n{on_terminal(step.command, folder, env)}")
    return "\n".join(shown)


def environment(folder: Path) -> dict[str, str]:
    """Return the variables of a user who has activated `.venv` and configured nothing."""
    who = {f"GIT_{role}_NAME": "A Developer" for role in ("AUTHOR", "COMMITTER")}
    mail = {f"GIT_{role}_EMAIL": "dev@example.invalid" for role in ("AUTHOR", "COMMITTER")}
    return {
        **who,
        **mail,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HOME": str(folder),
        "PRE_COMMIT_HOME": str(folder / ".git" / "pre-commit"),
        "PATH": f"{folder / '.venv/bin'}{os.pathsep}{os.defpath}",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)


def on_terminal(command: str, folder: Path, env: Mapping[str, str]) -> str:
    """Run a command in a terminal of its own, and return what it writes."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    # A session of its own, whose terminal this is: programs that ask for it find it.
    code = (
        "import fcntl, os, sys, termios; os.setsid(); "
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp('sh', ['sh', '-c', sys.argv[1]])"
    )
    words = [sys.executable, "-c", code, command]
    process = subprocess.Popen(
        words, cwd=folder, env=dict(env), stdin=child, stdout=child, stderr=child
    )
    os.close(child)
    written = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:  # Linux tells so that the last program has closed it
            part = b""
        if not part:
            break
        written += part
    process.wait()
    os.close(parent)
    lines = written.decode().replace("\r\n", "\n")
    # What the progress of the tests wrote was overwritten.
    return re.sub(r"[^\n]*\r|\x1b\[K", "", lines)


def picture(shown: str, name: str) -> str:
    """Return an SVG of what a terminal shows."""
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(shown), soft_wrap=False)
    svg = console.export_svg(title="shop", unique_id=name)
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    # No fonts from elsewhere: a picture must not load anything.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
    return "\n".join(line.rstrip() for line in svg.split("\n")).rstrip("\n") + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
