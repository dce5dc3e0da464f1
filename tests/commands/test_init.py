"""`covgate init`: sets a project up once, keeps what is there, and says what to do next."""

from __future__ import annotations

import shutil
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import Settings
from covgate.config.reading import read_settings

if TYPE_CHECKING:
    from conftest import Answered, Project

URL = "https://github.com/covgate/covgate"
PYPROJECT = """\
# the project
[project]
name = "shop"  # a shop

[tool.ruff]
line-length = 100
# the end
"""


def contents(project: Project) -> dict[str, bytes]:
    """The files of the working tree."""
    inside = project.root / ".git"
    return {
        str(path.relative_to(project.root)): path.read_bytes()
        for path in sorted(project.root.rglob("*"))
        if path.is_file() and inside not in path.parents
    }


def settings_of(project: Project) -> Settings:
    """What covgate reads in the working tree."""
    names = ("covgate.toml", "pyproject.toml", "setup.cfg")
    places = {name: project.root / name for name in names}
    return read_settings(MemorySnapshot({n: p.read_bytes() for n, p in places.items() if p.exists()}))  # fmt: skip


def programs(project: Project, *names: str) -> str:
    """A PATH with git and these programs alone."""
    folder = project.root.parent / "programs"
    folder.mkdir()
    (folder / "git").symlink_to(shutil.which("git") or "")
    for name in names:
        (folder / name).symlink_to(sys.executable)
    return str(folder)


def init(project: Project, *args: str, code: int = 0, **extra: str) -> Answered:
    answer = project.covgate("init", *args, **extra)
    assert answer.code == code, answer.out + answer.err
    return answer


INSTALL = " install --hook-type pre-commit --hook-type pre-merge-commit"


@pytest.mark.parametrize(
    ("there", "steps"),
    [
        ((), ["pipx install pre-commit", f"pre-commit{INSTALL}"]),
        (("prek",), [f"prek{INSTALL}"]),
        (("pre-commit", "prek"), [f"pre-commit{INSTALL}"]),
    ],
    ids=["no runner", "prek", "both"],
)
def test_the_next_steps_work_with_the_runner_that_is_there(
    project: Project, there: tuple[str, ...], steps: list[str]
) -> None:
    answer = init(project, PATH=programs(project, *there))
    lines = [line.partition(". ")[2] for line in answer.out.split("next:\n")[1].splitlines()]
    assert lines == [
        *steps,
        "git add .pre-commit-config.yaml covgate.toml",
        "covgate doctor",
        "in CI: covgate ci (docs/howto.md has the jobs)",
    ]


def test_sets_up_a_project_without_anything(project: Project) -> None:
    before = contents(project)
    answer = init(project)
    after = contents(project)
    assert after.keys() - before.keys() == {".pre-commit-config.yaml", "covgate.toml"}
    assert {name: after[name] for name in before} == before
    hooks = yaml.safe_load(after[".pre-commit-config.yaml"])
    assert [repo["repo"] for repo in hooks["repos"]] == [URL]
    assert settings_of(project) == Settings()
    for words in (INSTALL, "git add .pre-commit-config.yaml covgate.toml", "modules at the top (m)", "tests run with"):  # fmt: skip
        assert words in answer.out


def test_adds_to_what_is_there_and_keeps_it(project: Project) -> None:
    hooks = (
        "# hooks\nrepos:\n- repo: x  # pinned\n  rev: v1\n  hooks:\n  - id: a\nci: {skip: [a]}\n"
    )
    project.commit({"pyproject.toml": PYPROJECT, ".pre-commit-config.yaml": hooks})
    init(project)
    after = contents(project)
    assert after["pyproject.toml"].decode().startswith(PYPROJECT)
    assert tomllib.loads(after["pyproject.toml"].decode())["tool"]["covgate"] == {"diff-coverage": {"target": 80}}  # fmt: skip
    lines = after[".pre-commit-config.yaml"].decode().splitlines()
    assert lines[:6] == hooks.splitlines()[:6]
    assert lines[-1] == hooks.splitlines()[-1]
    assert len(yaml.safe_load(after[".pre-commit-config.yaml"])["repos"]) == 2


SHAPES: dict[str, dict[str, str | bytes | None]] = {
    "nothing": {},
    "pyproject": {"pyproject.toml": PYPROJECT},
    "crlf": {"pyproject.toml": PYPROJECT.replace("\n", "\r\n"), ".pre-commit-config.yaml": "repos: []\r\n"},
    "prek": {"prek.toml": "[[repos]]\nrepo = 'https://example.invalid/a'\nrev = 'v1'\nhooks = [{ id = 'a' }]\n"},
    "dotted-pyproject": {"pyproject.toml": "tool.ruff.line-length = 100\n"},
    "inline-pyproject": {"pyproject.toml": "tool = {x = {y = 1}}\n"},
    "setup-cfg": {"setup.cfg": "[metadata]\nname = x\n"},
    "husky": {".husky/pre-commit": "npm test\n"},
    "lefthook": {"lefthook.yml": "pre-commit:\n  commands: {}\n"},
    "yml": {".pre-commit-config.yml": "repos: []\n"},
    "diff-cover": {"pyproject.toml": "[tool.diff_cover]\nfail_under = 95\nexclude = ['*_pb2.py']\n"},
}  # fmt: skip


@pytest.mark.parametrize("files", SHAPES.values(), ids=SHAPES)
def test_again_is_a_no_op(project: Project, files: dict[str, str | bytes | None]) -> None:
    project.commit(files)
    git = project.state()["refs"], project.state()["index"]
    init(project)
    once = contents(project)
    settings_of(project)
    answer = init(project)
    assert contents(project) == once
    assert answer.out.startswith("covgate: nothing to write")
    assert (project.state()["refs"], project.state()["index"]) == git
    assert project.covgate("check", "--only=skip-without-reason").code == 0


@pytest.mark.parametrize("files", SHAPES.values(), ids=SHAPES)
def test_a_dry_run_shows_the_diff_and_writes_nothing(
    project: Project, files: dict[str, str | bytes | None]
) -> None:
    project.commit(files)
    before = contents(project)
    answer = init(project, "--dry-run")
    assert contents(project) == before
    assert "next:" in answer.err
    # The diff is one that git applies, and then it is what init writes.
    patch = project.root.parent / "patch"
    patch.write_bytes(answer.out.encode())
    project.git("apply", str(patch))
    applied = contents(project)
    for name in applied.keys() - before.keys():
        (project.root / name).unlink()
    project.write(dict(before))
    init(project)
    assert contents(project) == applied


@pytest.mark.parametrize("name", ["husky", "lefthook"])
def test_other_runners_are_left_to_the_person(project: Project, name: str) -> None:
    project.commit(SHAPES[name])
    answer = init(project)
    assert not (project.root / ".pre-commit-config.yaml").exists()
    assert "covgate check" in answer.out


def test_a_configuration_that_is_not_edited_is_told(project: Project) -> None:
    config = "x: &x [{repo: local, hooks: []}]\nrepos: *x\n"
    project.commit({".pre-commit-config.yaml": config})
    answer = init(project)
    assert (project.root / ".pre-commit-config.yaml").read_text() == config
    assert f"- repo: {URL}" in answer.out


CONFIGURED = {
    "covgate.toml": {"covgate.toml": ""},
    "pyproject": {"pyproject.toml": "[tool.covgate]\n"},
    "setup.cfg": {"setup.cfg": "[covgate]\ntimeout = 5\n"},
    "tool-in-setup.cfg": {"setup.cfg": "[tool:covgate:diff-coverage]\ntarget = 5\n"},
}


@pytest.mark.parametrize("files", CONFIGURED.values(), ids=CONFIGURED)
def test_settings_that_are_there_stay(project: Project, files: dict[str, str | bytes | None]) -> None:  # fmt: skip
    project.commit(files)
    before = contents(project)
    init(project)
    assert contents(project).keys() - before.keys() == {".pre-commit-config.yaml"}


BROKEN = {
    "yaml": ({".pre-commit-config.yaml": "repos: [\n"}, ".pre-commit-config.yaml"),
    "prek": ({"prek.toml": "= 1\n"}, "prek.toml"),
    "toml": ({"pyproject.toml": "[tool\n"}, "pyproject.toml:1"),
    "not-utf-8": ({"pyproject.toml": b"# \xff\n"}, "pyproject.toml"),
    "byte-order-mark": ({"pyproject.toml": b"\xef\xbb\xbf[project]\n"}, "pyproject.toml"),
}


@pytest.mark.parametrize(("files", "words"), BROKEN.values(), ids=BROKEN)
def test_files_that_do_not_parse_are_a_usage_error(
    project: Project, files: dict[str, str | bytes | None], words: str
) -> None:
    project.commit(files)
    before = contents(project)
    answer = init(project, code=2)
    assert words in answer.err
    assert "Traceback" not in answer.err
    assert contents(project) == before


TAKEN_OVER = {
    "diff-cover": ({"pyproject.toml": "[tool.diff_cover]\nfail_under = 92.5\n"}, {"target": 92.5}, "[tool.diff_cover]"),
    "diff-cover-whole": ({"pyproject.toml": "[tool.diff_cover]\nfail_under = 100\n"}, {"target": 100}, "100 %"),
    "diff-cover-out-of-range": ({"pyproject.toml": "[tool.diff_cover]\nfail_under = 120\n"}, {"target": 80}, ""),
    "diff-cover-in-ci": ({".github/workflows/ci.yml": "jobs: {a: {steps: [{run: diff-cover coverage.xml --compare-branch origin/main --fail-under=91}]}}\n", "pyproject.toml": ""}, {"target": 91}, ".github/workflows/ci.yml"),
    "diff-cover-in-make": ({"Makefile": "check:\n\tdiff-cover c.xml \\\n\t  --fail-under 75\n", "pyproject.toml": ""}, {"target": 75}, "Makefile"),
    "excluded": (
        {"pyproject.toml": "[tool.diff_cover]\nexclude = ['*_pb2.py', 'docs/*', '*/migrations/*', 'src/gen.py', '[a].py']\n"},
        {"target": 80, "exclude": ["**/*_pb2.py", "docs/**", "**/migrations/**", "src/gen.py"]},
        "[a].py",
    ),
    "coverage": ({".coveragerc": "[report]\nfail_under = 90\n", "pyproject.toml": ""}, {"target": 80}, "fail_under in .coveragerc (90)"),
    "pytest-cov": ({"pytest.ini": "[pytest]\naddopts = --cov=m --cov-fail-under=85\n", "pyproject.toml": ""}, {"target": 80}, "--cov-fail-under in pytest.ini (85)"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "table", "words"), TAKEN_OVER.values(), ids=TAKEN_OVER)
def test_takes_present_settings_over(
    project: Project, files: dict[str, str | bytes | None], table: object, words: str
) -> None:
    project.commit(files)
    answer = init(project)
    document = tomllib.loads((project.root / "pyproject.toml").read_text())
    assert document["tool"]["covgate"] == {"diff-coverage": table}
    assert words in answer.out


def test_testmon_is_kept_from_deselecting(project: Project) -> None:
    project.commit({"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--testmon -q'\n"})
    answer = init(project)
    assert settings_of(project).pytest_args == ("--no-testmon",)
    assert "--testmon in pyproject.toml" in answer.out


@pytest.mark.parametrize("pythonpath", [False, True], ids=["alone", "with-pythonpath"])
def test_a_src_folder_that_nothing_installs_is_a_source_root(project: Project, pythonpath: bool) -> None:  # fmt: skip
    files = {"src/some_shop/__init__.py": "", "tests/test_shop.py": "import some_shop\n\n\ndef test_a():\n    assert some_shop\n"}  # fmt: skip
    if pythonpath:
        files["pytest.ini"] = "[pytest]\npythonpath = src\n"
    project.commit({**files, "m.py": None, "test_m.py": None})
    init(project)
    assert settings_of(project).source_roots == (() if pythonpath else ("src",))
    project.git("add", "-A")
    assert project.covgate("check").code == 0


def test_says_how_to_get_an_interpreter(project: Project) -> None:
    answer = init(project, COVGATE_PYTHON="/nowhere/python")
    assert "pip install -e ." in answer.out


def test_a_read_only_file_is_a_usage_error(project: Project) -> None:
    (project.root / ".pre-commit-config.yaml").mkdir()
    answer = init(project, code=2)
    assert "cannot be written" in answer.err


def test_outside_a_repository_it_is_a_usage_error(tmp_path: Path, project: Project) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    assert project.covgate("init", cwd=str(outside)).code == 2


def test_works_from_a_sub_folder(project: Project) -> None:
    project.commit({"sub/a.txt": ""})
    assert project.covgate("init", cwd="sub").code == 0
    assert (project.root / ".pre-commit-config.yaml").exists()


RUNNERS = [
    ("pre-commit", "nothing"),
    ("pre-commit", "crlf"),
    ("prek", "nothing"),
    ("prek", "crlf"),
    ("prek", "prek"),
]


@pytest.mark.parametrize(("runner", "shape"), RUNNERS)
def test_what_is_written_is_valid_for_the_runner(project: Project, runner: str, shape: str) -> None:
    program = shutil.which(runner, path=str(Path(sys.executable).parent))
    assert program is not None
    project.commit(SHAPES[shape])
    init(project)
    written = "prek.toml" if shape == "prek" else ".pre-commit-config.yaml"
    project.run(program, "validate-config", written, check=True)


def test_after_init_and_install_the_doctor_finds_nothing_wrong(project: Project) -> None:
    program = shutil.which("pre-commit", path=str(Path(sys.executable).parent))
    assert program is not None
    init(project)
    project.run(program, "install", "--hook-type", "pre-commit", "--hook-type", "pre-merge-commit", check=True)  # fmt: skip
    answer = project.covgate("doctor")
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "covgate: all is fine"), answer.out
