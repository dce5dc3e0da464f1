"""Differences of two trees: random edits against difflib's own account, and patches by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Project
from covgate.change.diff import (
    LineChange,
    _sections,
    all_lines,
    can_run,
    common_changes,
    difference,
    is_python,
)
from covgate.change.model import FileChange
from covgate.git.objects import ObjectReader, private_objects
from covgate.git.repository import discover, scratch_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from covgate.change.model import Status

    Differ = Callable[[dict[str, bytes], dict[str, bytes]], dict[str, FileChange]]


@pytest.fixture(scope="module")
def differ(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Iterator[Differ]:
    """Compare two trees made of texts, through real git."""
    project = Project(tmp_path_factory.mktemp("differ") / "project", clean_env)
    repo = discover(project.root, clean_env)
    git = private_objects(repo, scratch_folder(repo))
    reader = ObjectReader(git)

    def tree(files: dict[str, bytes]) -> str:
        listing = b""
        for name, data in sorted(files.items()):
            blob = git.run("hash-object", "-w", "--stdin", stdin=data).strip()
            listing += b"100644 blob %s\t%s\0" % (blob, name.encode())
        return git.run("mktree", "-z", stdin=listing).decode().strip()

    def compare(old: dict[str, bytes], new: dict[str, bytes]) -> dict[str, FileChange]:
        return {file.path: file for file in difference(git, reader, tree(old), tree(new))}

    yield compare
    reader.close()


# Lines that look like parts of a patch, and every end of a line.
LINE = st.sampled_from(
    [b"a", b"b", b"", b" ", b"+", b"-", b"--- a/x", b"+++ b/x", b"@@ -1 +1 @@", b"\\ No", b"\x00"]
)
TEXT = st.tuples(
    st.lists(st.tuples(LINE, st.sampled_from([b"\n", b"\n", b"\r\n", b"\r"])), max_size=12),
    st.sampled_from([b"", b"end"]),
).map(lambda parts: b"".join(line + end for line, end in parts[0]) + parts[1])


def split(data: bytes, at_returns: bool) -> list[bytes]:
    """Split into lines: as Python does, or at newlines only, as git does."""
    if at_returns:
        data = data.replace(b"\r\n", b"\0\0\n").replace(b"\r", b"\n")
    *lines, rest = data.split(b"\n")
    return [line + b"\n" for line in lines] + ([rest] if rest else [])


@given(old=TEXT, new=TEXT)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_left_unchanged_is_the_same_on_both_sides(
    differ: Differ,
    old: bytes,
    new: bytes,
) -> None:
    change = differ({"m.py": old}, {"m.py": new}).get("m.py")
    # Only where the new text has lone returns, both sides are read as Python reads them.
    lone = b"\r" in new.replace(b"\r\n", b"")
    before, after = split(old, lone), split(new, lone)
    lines = change.lines if change else frozenset()
    removed = change.removed if change else frozenset()
    assert lines <= set(range(1, len(after) + 1))
    assert removed <= set(range(1, len(before) + 1))
    kept_before = [line for n, line in enumerate(before, 1) if n not in removed]
    kept_after = [line for n, line in enumerate(after, 1) if n not in lines]
    assert kept_before == kept_after


@pytest.mark.parametrize(
    ("old", "new", "lines", "removed"),
    [
        (b"a\n", b"a\nb\n", {2}, set()),
        (b"a\nb\n", b"a\n", set(), {2}),
        (b"a", b"a\n", {1}, {1}),
        (b"a\n", b"a", {1}, {1}),
        (b"a\nb", b"a\nc", {2}, {2}),
        (b"", b"a\n", {1}, set()),
        (b"a\n", b"", set(), {1}),
        (b"a\nb\nc\n", b"x\nb\ny\n", {1, 3}, {1, 3}),
        (b"a\r\n", b"a\n", {1}, {1}),
        (b"a\rb\r", b"a\rc\r", {2}, {2}),
        (b"a\rb\n", b"a\nb\n", {1, 2}, {1}),
        (b"\xff\n", b"\xfe\n", {1}, {1}),
        (b"\x00\n", b"\x00\x00\n", {1}, {1}),
        (b"-- a\n", b"++ b\n", {1}, {1}),
    ],
    ids=str,
)
def test_lines_of_an_edit(
    differ: Differ,
    old: bytes,
    new: bytes,
    lines: set[int],
    removed: set[int],
) -> None:
    # Something else in the tree keeps an emptied file from pairing up as a rename.
    change = differ({"m.py": old, "o": b"o"}, {"m.py": new, "o": b"o"})["m.py"]
    assert change.status == "modified"
    assert (set(change.lines), set(change.removed)) == (lines, removed)


LONG = b"".join(b"line %d\n" % n for n in range(40))


def test_kinds_of_changes(
    differ: Differ,
) -> None:
    old = {
        "same.py": b"s\n",
        "gone.py": b"g\n",
        "from.py": LONG,
        "edit.txt": b"a\n",
        "e.py": b"a\n",
    }
    new = {"same.py": b"s\n", "new.py": b"n\n", "to.py": b"x\n" + LONG, "edit.txt": b"b\n"}
    new["e.py"] = b"b\n"
    found = differ(old, new)
    status: dict[str, tuple[Status, str | None]] = {
        path: (file.status, file.old_path) for path, file in found.items()
    }
    assert status == {
        "gone.py": ("deleted", "gone.py"),
        "new.py": ("added", None),
        "to.py": ("renamed", "from.py"),
        "edit.txt": ("modified", "edit.txt"),
        "e.py": ("modified", "e.py"),
    }
    assert found["to.py"].lines == {1}
    assert found["edit.txt"].lines == frozenset()
    assert found["gone.py"].new_blob is None
    assert found["new.py"].old_blob is None


def test_more_files_than_one_call_takes(
    differ: Differ,
) -> None:
    names = [f"m{n}.py" for n in range(501)]
    found = differ(dict.fromkeys(names, b"a\n"), dict.fromkeys(names, b"b\n"))
    assert {file.path for file in found.values() if file.lines == {1}} == set(names)


# -- patches ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        (b"", []),
        (b"diff --git a/m.py b/m.py\nold mode 100644\nnew mode 100755\n", []),
        (b"diff --git a/m b/m\n--- a/m\n+++ b/m\n@@ -1 +1 @@\n-a\n+b\n", [("m", {1}, {1})]),
        (b"diff --git a/m b/m\n--- a/m\n+++ b/m\n@@ -0,0 +1,2 @@\n+a\n+b\n", [("m", {1, 2}, set())]),
        (b"diff --git a/m b/m\n--- a/m\n+++ b/m\n@@ -3,2 +2,0 @@\n-a\n-b\n", [("m", set(), {3, 4})]),
        (
            (b"diff --git a/m b/m\n--- a/m\n+++ b/m\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n"
            b"+b\n\\ No newline at end of file\n"),
            [("m", {1}, {1})],
        ),
        (
            (b"diff --git a/m b/m\n--- a/m\n+++ b/m\n@@ -1 +1,3 @@\n-a\n+++ b/other\n+@@ -9 +9 @@\n"
            b"+diff --git a/x b/x\n@@ -9 +11 @@ def f():\n-a\n+b\n"),
            [("m", {1, 2, 3, 11}, {1, 9})],
        ),
        (b'diff --git "a/\\t" "b/\\t"\n--- a\n+++ "b/\\303\\251\\t\\"\\\\.py"\n@@ -1 +1 @@\n-a\n+b\n',
         [('é\t"\\.py', {1}, {1})]),
        (b"diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n@@ -1 +1 @@\n-a\n+b\n", [("a b", {1}, {1})]),
        (
            (b"diff --git a/m b/m\ndeleted file mode 120000\n--- a/m\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
            b"diff --git a/m b/m\nnew file mode 100644\n--- /dev/null\n+++ b/m\n@@ -0,0 +1 @@\n+x\n"),
            [("m", {1}, set())],
        ),
    ],
    ids=["empty", "mode", "one", "added", "removed", "no-newline", "headers-inside", "quoted",
         "blank", "type-change"],
)  # fmt: skip
def test_sections_of_a_patch(patch: bytes, expected: list[tuple[str, set[int], set[int]]]) -> None:
    found = [(name, set(change.lines), set(change.removed)) for name, change in _sections(patch)]
    assert found == expected


@pytest.mark.parametrize(
    ("data", "count"),
    [(b"", 0), (b"\n", 1), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"a\r\nb\r\n", 2), (b"a\rb", 2),
     (b"a\r", 1), (b"a\r\r\n", 2), (b"\x0c\x0b\x1c\xc2\x85\n", 1)],
    ids=repr,
)  # fmt: skip
def test_all_lines(data: bytes, count: int) -> None:
    assert all_lines(data) == frozenset(range(1, count + 1))


@given(st.binary(max_size=40))
def test_lines_are_counted_as_bytes_do(data: bytes) -> None:
    # bytes.splitlines knows exactly Python's ends of a line.
    assert len(all_lines(data)) == len(data.splitlines())


@pytest.mark.parametrize(
    ("path", "mode", "python", "runs"),
    [
        ("m.py", "100644", True, True),
        ("m.py", "100755", True, True),
        ("m.pyw", "100644", True, True),
        ("m.pyi", "100644", True, False),
        ("m.py", "120000", True, False),
        ("m.py", "160000", True, False),
        ("m.py", None, True, False),
        ("m.pyc", "100644", False, False),
        ("m.PY", "100644", False, False),
        ("py", "100644", False, False),
    ],
)
def test_what_can_run(path: str, mode: str | None, python: bool, runs: bool) -> None:
    file = FileChange(path, None, "added", None, "x", new_mode=mode)
    assert (is_python(path), can_run(file)) == (python, runs)


# -- several bases ---------------------------------------------------------------------------------


def edited(path: str, *lines: int) -> FileChange:
    return FileChange(path, path, "modified", "1", "2", frozenset(lines))


@pytest.mark.parametrize(
    ("bases", "expected"),
    [
        ([[edited("a", 1, 2)]], {"a": {1, 2}}),
        ([[edited("a", 1, 2)], [edited("a", 2, 3)]], {"a": {2}}),
        ([[edited("a", 1)], [edited("a", 2)]], {"a": set()}),
        ([[edited("a", 1)], []], {}),
        ([[], [edited("a", 1)]], {}),
        ([[edited("a", 1, 2, 3)], [edited("a", 1, 2)], [edited("a", 2, 3)]], {"a": {2}}),
        ([[edited("a", 1), edited("b", 4)], [edited("b", 4), edited("c", 1)]], {"b": {4}}),
    ],
)
def test_common_changes(bases: list[list[FileChange]], expected: dict[str, set[int]]) -> None:
    assert {f.path: set(f.lines) for f in common_changes(bases)} == expected


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abc"), st.frozensets(st.integers(1, 5)), max_size=3),
        min_size=1,
        max_size=3,
    )
)
def test_common_changes_do_not_depend_on_the_order(maps: list[dict[str, frozenset[int]]]) -> None:
    bases = [[edited(path, *lines) for path, lines in sorted(one.items())] for one in maps]
    forward = {f.path: f.lines for f in common_changes(bases)}
    backward = {f.path: f.lines for f in common_changes(bases[::-1])}
    assert forward == backward
    assert LineChange(frozenset(), frozenset()) == (frozenset(), frozenset())
