"""What the watch in the project's interpreter notes of the world outside of the tree."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import covgate.run

RECORDER = Path(covgate.run.__file__).parent / "recorder"
PROGRAM = """\
import json, os, sys
sys.path.insert(0, sys.argv[1])
plan = json.loads(sys.argv[2])
import _covgate_outside, socket, sqlite3, time
time.sleep(0.05)
_covgate_outside.Outside(plan).start()
os.chdir(plan["root"])
OUT, ROOT, OWN = sys.argv[3], plan["root"], sys.argv[4]
exec(sys.argv[5])
"""
CASES = {
    "reads": ("open(OUT + '/file')", [["read", "file"]]),
    "reads-twice": ("open(OUT + '/file'); open(OUT + '/file')", [["read", "file"]]),
    "absent": ("try: open(OUT + '/no')\nexcept OSError: pass", [["read", "no"]]),
    "lists": ("os.listdir(OUT)", [["list", ""]]),
    "database": ("sqlite3.connect(OUT + '/file')", [["read", "file"]]),
    "database-by-uri": (
        "sqlite3.connect('file:' + OUT + '/file?mode=ro', uri=True)",
        [["read", "file"]],
    ),
    "database-by-full-uri": (
        "sqlite3.connect('file://' + OUT + '/file', uri=True)",
        [["read", "file"]],
    ),
    "own-numbers": ("sqlite3.connect(plan['numbers'])", []),
    "writes": ("open(OUT + '/file', 'a')", [["write", "file"]]),
    "makes": ("open(OUT + '/new', 'w')", []),
    "own-file": ("open(OWN, 'w').close(); open(OWN)", []),
    "connects": (
        "try: socket.socket(2, 2).connect(('127.0.0.1', 9))\nexcept OSError: pass",
        [["network", None]],
    ),
    "git": ("open(ROOT + '/.git/HEAD')", [["git", None]]),
    "in-the-tree": ("open(ROOT + '/file'); os.listdir(ROOT); os.listdir('.')", []),
    "through-a-link": ("open(OUT + '/link')", []),
    "imports": ("import wave, zipapp", []),
    "null": ("open(os.devnull, 'w'); os.listdir('/proc')", []),
    "descriptor": ("r, w = os.pipe(); open(r)", []),
}


@pytest.mark.parametrize(("code", "expected"), CASES.values(), ids=CASES)
def test_notes(tmp_path: Path, code: str, expected: list[list[str | None]]) -> None:
    root, out, notes = tmp_path / "root", tmp_path / "out", tmp_path / "scratch" / "notes"
    for folder in (root / ".git", out, notes.parent):
        folder.mkdir(parents=True)
    for file in (root / "file", root / ".git" / "HEAD", out / "file"):
        file.write_text("text")
    (out / "link").symlink_to(root / "file")
    plan = {"root": str(root), "notes": str(notes), "bytecode": str(notes.parent / "bytecode")}
    plan["numbers"] = str(root / ".git" / "numbers.sqlite")
    plan["project_places"] = [str(root)]  # type: ignore[assignment]
    words = [str(RECORDER), json.dumps(plan), str(out), str(tmp_path / "own"), code]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    file = notes.with_name("notes.outside")
    found = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    named = [[kind, str(Path(place).relative_to(out)) if place else None] for kind, place in found]
    assert named == [[kind, "." if name == "" else name] for kind, name in expected]
