"""Names of files: odd ones, of several encodings, renamed, of other kinds than Python files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conftest import BASE_MODULE, Answered, Project

if TYPE_CHECKING:
    from pathlib import Path

ODD_NAMES = {
    "space": "a b.py",
    "quote-and-tab": 'q"\tt.py',
    "single-quote": "it's.py",
    "non-ascii": "naïve_日本.py",
    "decomposed": "cafe\u0301.py",
    "backslash": "back\\slash.py",
    "newline": "new\nline.py",
    "dir-x-b": "x b/k.py",
    "dir-b": "b/b.py",
    "leading-space": " k.py",
    "trailing-space-in-dir": "k /k.py",
    "leading-dash": "-k.py",
    "colon": ":k.py",
    "pathspec-magic": ":(top)k.py",
    "glob": "k[12]*.py",
    "question-mark": "k?.py",
    "arrow": "a => b.py",
    "braces": "{a => b}/k.py",
    "dev-null": "dev/null.py",
    "hash": "#k.py",
    "percent": "%s.py",
    "control": "k\x01\x7f.py",
    "carriage-return": "k\rk.py",
    "not-utf-8": os.fsdecode(b"k\xe9\xff.py"),
    "emoji": "🐍.py",
    "plus-plus-plus": "+++ b.py",
    "equals": "a=b.py",
    "comma": "a,b.py",
    "octal-looking": "\\303\\251.py",
    "long": "k" * 200 + ".py",
    "deep": "/".join("abcdefghijklmnopqrst") + "/k.py",
    "upper-case-suffix-is-none": "plain.py",
}
BEFORE = "def f(x):\n    return x\n"
AFTER = "def f(x):\n    return x + 1\n"
# Imports every module by its path, except the one that has none to be stored by.
RUNS_ALL = """\
import importlib.util, os, pathlib

def test_all():
    for n, path in enumerate(sorted(pathlib.Path(__file__).parent.rglob("*.py"))):
        name = str(path)
        if path.name != "test_all.py" and name == name.encode("utf-8", "replace").decode():
            spec = importlib.util.spec_from_file_location(f"k{n}", name)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            RUN
"""


def odd_project(root: Path, env: dict[str, str], run: str) -> Project:
    """A project with all odd names, each with line 2 edited and staged."""
    project = Project(root / "project", env)
    project.write(dict.fromkeys(ODD_NAMES.values(), BEFORE))
    project.write({"test_all.py": RUNS_ALL.replace("RUN", run)})
    project.git("add", "-A")
    project.git("commit", "-qm", "base")
    project.write(dict.fromkeys(ODD_NAMES.values(), AFTER))
    project.git("add", "-A")
    return project


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Answered:
    """The answer where every module is imported and its line 2 never run."""
    return odd_project(tmp_path_factory.mktemp("odd"), clean_env, "assert module.f").check()


def shown(name: str) -> str:
    """Return a path as answers write it: bytes that are no text are escaped."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_line_2_of_an_odd_name(odd: Answered, name: str) -> None:
    assert odd.code == 1, odd.err
    assert odd.uncovered[shown(name)] == [2]
    assert [f["line"] for f in odd.data["findings"] if f["path"] == shown(name)] == [2]


def test_odd_names_that_are_covered(tmp_path: Path, clean_env: dict[str, str]) -> None:
    answer = odd_project(tmp_path, clean_env, "assert module.f(1) == 2").check()
    # A path that is no text can't be stored by coverage, nor imported by the test.
    assert answer.uncovered == {shown(ODD_NAMES["not-utf-8"]): [2]}


def test_every_format_copes_with_odd_names(tmp_path: Path, clean_env: dict[str, str]) -> None:
    project = Project(tmp_path / "project", clean_env)
    names = [ODD_NAMES[name] for name in ("newline", "not-utf-8", "control", "quote-and-tab")]
    project.commit({"README": "", **dict.fromkeys(names, BEFORE)})
    project.stage(dict.fromkeys(names, AFTER))
    files = {name: tmp_path / name for name in ("github", "gitlab", "sarif", "junit", "markdown")}
    formats = [f"--format={name}:{file}" for name, file in files.items()]
    answer = project.covgate("check", "--target=100", "--format=text", *formats)
    assert (answer.code, answer.err) == (1, "")
    assert answer.out
    assert all(file.read_text() for file in files.values())


# -- renames, copies, modes, types, links ----------------------------------------------------------

RENAMED = BASE_MODULE.replace("return 2", "return 3")


@pytest.mark.parametrize(
    ("after", "uncovered"),
    [(BASE_MODULE, {}), (RENAMED, {"b.py": [9]})],
    ids=["pure", "with-an-edit"],
)
def test_rename(project: Project, after: str, uncovered: dict[str, list[int]]) -> None:
    project.git("config", "diff.renames", "false")
    project.git("mv", "m.py", "b.py")
    project.stage(
        {"b.py": after, "test_m.py": "from b import f\n\n\ndef test_f():\n    assert f(1)\n"}
    )
    answer = project.check()
    assert (answer.code, answer.uncovered) == (1 if uncovered else 0, uncovered)


def test_swapped_files(project: Project) -> None:
    other = BASE_MODULE.replace("f(x)", "h(x)").replace("x + 1", "x + 10")
    project.commit({"k.py": other, "pkg/__init__.py": ""})
    project.write({"m.py": other, "k.py": BASE_MODULE})
    project.write({"test_m.py": "import k\n\n\ndef test_f():\n    k.f(1)\n"})
    project.git("add", "-A")
    answer = project.check()
    # Git sees two edited files, not two renames: what differs at a path is what changed there.
    assert answer.uncovered == {"m.py": [1, 2]}  # no test imports it any more


def test_copy_counts_in_full(project: Project) -> None:
    project.stage({"k.py": BASE_MODULE})
    answer = project.check()
    assert answer.uncovered == {"k.py": [1, 2, 3, 6, 7, 8, 9]}


def test_deleted_module(project: Project) -> None:
    project.commit({"k.py": BASE_MODULE})
    project.git("rm", "-q", "k.py")
    answer = project.check()
    assert (answer.code, answer.data["mode"]) == (0, "staged")
    assert answer.uncovered == {}


def test_mode_change(project: Project) -> None:
    project.git("update-index", "--chmod=+x", "m.py")
    answer = project.check()
    assert (answer.code, answer.uncovered) == (0, {})


def test_mode_change_with_an_edit(project: Project) -> None:
    project.stage({"m.py": RENAMED})
    project.git("update-index", "--chmod=+x", "m.py")
    assert project.check().uncovered == {"m.py": [9]}


def test_symbolic_link_that_looks_like_a_module(project: Project) -> None:
    (project.root / "link.py").symlink_to("m.py")
    project.git("add", "link.py")
    answer = project.check()
    assert (answer.code, answer.uncovered) == (0, {})


@pytest.mark.parametrize("to", ["nowhere.py", "../no where.py"])
def test_dangling_symbolic_link(project: Project, to: str) -> None:
    (project.root / "link.py").symlink_to(to)
    project.git("add", "link.py")
    assert project.check().code == 0


def test_link_becomes_a_file(project: Project) -> None:
    (project.root / "k.py").symlink_to("m.py")
    project.git("add", "k.py")
    project.git("commit", "-qm", "a link")
    (project.root / "k.py").unlink()
    project.stage({"k.py": BASE_MODULE})
    assert project.check().uncovered == {"k.py": [1, 2, 3, 6, 7, 8, 9]}


def test_file_becomes_a_link(project: Project) -> None:
    project.commit({"k.py": BASE_MODULE})
    (project.root / "k.py").unlink()
    (project.root / "k.py").symlink_to("m.py")
    project.git("add", "k.py")
    assert (project.check().code, project.check().uncovered) == (0, {})


def test_module_becomes_a_package(project: Project) -> None:
    project.git("rm", "-q", "--cached", "m.py")
    (project.root / "m.py").unlink()
    project.stage({"m/__init__.py": RENAMED})
    assert project.check().uncovered == {"m/__init__.py": [9]}


def test_binary_file_is_nobody_s_line(project: Project) -> None:
    project.stage({"data.bin": bytes(range(256)), "m.py": RENAMED})
    assert project.check().uncovered == {"m.py": [9]}


def test_python_file_that_git_takes_for_binary(project: Project) -> None:
    text = BASE_MODULE.replace("return 2", 'return "\\x00"')
    project.commit({"m.py": text, ".gitattributes": "*.py binary\n"})
    project.stage({"m.py": text.replace("x00", "x01")})
    assert project.check().uncovered == {"m.py": [9]}


def test_stub_files_are_never_run(project: Project) -> None:
    project.stage({"m.pyi": "def f(x: int) -> int: ...\nclass A:\n    x: int\n"})
    answer = project.check()
    assert (answer.code, answer.uncovered) == (0, {})


def test_data_files_have_no_lines(project: Project) -> None:
    project.stage({"data.json": "{}\n", "README.md": "# Hello\n", "script": "#!/usr/bin/python\n"})
    answer = project.check()
    assert (answer.code, answer.uncovered) == (0, {})
