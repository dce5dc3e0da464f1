"""Work out what setting a project up would write, from what is there."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate import __version__
from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import DiffCoverage
from covgate.config.reading import INI_FILE, OWN_FILE, PROJECT_FILE, read_settings
from covgate.config.tomlfile import parse_toml
from covgate.errors import UsageError
from covgate.setup.hook_runners import PRE_COMMIT_FILE, read_runners
from covgate.setup.toml_edit import append, insert_item
from covgate.setup.yaml_edit import Hooks, add_hooks, new_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from covgate.setup.hook_runners import Runner
    from covgate.setup.present import Present

URL = "https://github.com/covgate/covgate"
HOOKS = Hooks(URL, f"v{__version__}", ("covgate",))
STAGES = ("pre-commit", "pre-merge-commit")
_INI_SECTION = re.compile(rb"^\[\s*(?:tool:)?covgate\s*[]:]", re.MULTILINE)


class Edit(NamedTuple):
    """A file to be written; `old` is None when it does not exist."""

    file: str
    old: str | None
    new: str


def hook_edit(top: Path) -> tuple[Edit | None, tuple[str, ...], tuple[str, ...]]:
    """Return the edit of the hook runner's configuration, notes, and what to do next.

    Raises `UsageError` when the configuration that is there can't be read.
    """
    runners = read_runners(top)
    for runner in runners:
        if runner.mistake:
            raise UsageError(f"{runner.file}: {runner.mistake}", "correct the file, then run again")
    calling = next((runner for runner in runners if runner.calls_us), None)
    if calling is not None:
        return None, (f"{calling.file} calls covgate already",), _install(calling.name)
    managed = [runner for runner in runners if runner.name in ("prek", "pre-commit")]
    if managed:
        return _added(top, managed[0])
    if runners:
        return None, (), (_by_hand(runners[0]),)
    text = new_file(HOOKS, STAGES)
    return Edit(PRE_COMMIT_FILE, None, text), (), _install("pre-commit")


def _install(name: str) -> tuple[str, ...]:
    if name not in ("prek", "pre-commit"):
        return ()
    types = " ".join(f"--hook-type {stage}" for stage in STAGES)
    return (f"{name} install {types}",)


def _added(top: Path, runner: Runner) -> tuple[Edit | None, tuple[str, ...], tuple[str, ...]]:
    old = _read(top / runner.file)
    assert old is not None
    new = _with_prek_hook(old) if runner.name == "prek" else add_hooks(old, HOOKS)
    if new is not None:
        return Edit(runner.file, old, new), (), _install(runner.name)
    block = _PREK_TABLE if runner.name == "prek" else new_file(HOOKS, STAGES).partition("\n")[2]
    shown = "\n".join(f"    {line}" for line in block.rstrip("\n").split("\n"))
    step = f"add this to {runner.file}, which is written in a way that is not edited:\n{shown}"
    return None, (), (step, *_install(runner.name))


_IDS = ", ".join(f'{{ id = "{one}" }}' for one in HOOKS.ids)
_PREK_TABLE = f'[[repos]]\nrepo = "{HOOKS.repo}"\nrev = "{HOOKS.rev}"\nhooks = [{_IDS}]\n'
_PREK_ITEM = f'{{ repo = "{HOOKS.repo}", rev = "{HOOKS.rev}", hooks = [{_IDS}] }}'


def _with_prek_hook(text: str) -> str | None:
    document = tomllib.loads(text)
    meant = {**document, "repos": [*document.get("repos", []), HOOKS.meant()]}
    return append(text, _PREK_TABLE, meant) or insert_item(text, _PREK_ITEM, meant)


def _by_hand(runner: Runner) -> str:
    if runner.name == "husky":
        return "add the line `covgate check` to .husky/pre-commit"
    return (
        f"add a command with `run: covgate check` to pre-commit in {runner.file} (without file "
        "names: covgate reads the change from git)"
    )


def settings_edit(
    top: Path, present: Present, source_roots: tuple[str, ...]
) -> tuple[Edit | None, tuple[str, ...]]:
    """Return the edit that adds the settings, and notes; None when there are settings.

    Raises `UsageError` for files that don't parse.
    """
    if place := _configured(top):
        return None, (f"{place} has settings of covgate already",)
    table, notes = _table(present, source_roots)
    old = _read(top / PROJECT_FILE)
    if old is not None:
        document = parse_toml(PROJECT_FILE, old.encode())
        tool = document.get("tool", {})
        meant = {**document, "tool": {**(tool if isinstance(tool, dict) else {}), "covgate": table}}
        new = append(old, _toml(table, "tool.covgate"), meant)
        if new is not None:
            return _checked(Edit(PROJECT_FILE, old, new)), notes
        notes = (
            *notes,
            f"{PROJECT_FILE} is written in a way that is not edited: {OWN_FILE} is used",
        )
    return _checked(Edit(OWN_FILE, None, _toml(table, ""))), notes


def _configured(top: Path) -> str:
    if (top / OWN_FILE).exists():
        return OWN_FILE
    project = _read(top / PROJECT_FILE)
    tool = parse_toml(PROJECT_FILE, project.encode()).get("tool") if project is not None else None
    if isinstance(tool, dict) and "covgate" in tool:
        return PROJECT_FILE
    ini = _read(top / INI_FILE)
    return INI_FILE if ini is not None and _INI_SECTION.search(ini.encode()) else ""


def _table(
    present: Present, source_roots: tuple[str, ...]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    notes: list[str] = []
    target = DiffCoverage().target
    coverage: dict[str, Any] = {"target": int(target)}
    if present.diff is not None and 0 <= present.diff[0] <= 100:
        target, place = present.diff
        coverage["target"] = int(target) if target == int(target) else target
        notes.append(f"the target of diff coverage, {target:g} %, is that of {place}")
    exclude: list[str] = []
    left: list[str] = []
    for pattern in present.excluded:
        glob = _glob(pattern)
        (exclude if glob else left).append(glob or pattern)
    if exclude:
        coverage["exclude"] = exclude
        notes.append("the files left out of diff coverage are those of [tool.diff_cover]")
    if left:
        notes.append(f"patterns of [tool.diff_cover] that are not taken over: {', '.join(left)}")
    if present.total is not None:
        number, place = present.total
        notes.append(f"{place} ({number:g}) is about the whole project and stays in force there")
    table: dict[str, Any] = {}
    if source_roots:
        table["source-roots"] = list(source_roots)
        notes.append(f"the tests import from {', '.join(source_roots)}: no package is installed")
    if present.testmon:
        table["pytest-args"] = ["--no-testmon"]
        notes.append(f"--testmon in {present.testmon} deselects tests: off where covgate runs them")
    return {**table, "diff-coverage": coverage}, tuple(notes)


def _glob(pattern: str) -> str:
    """Return a pattern of diff-cover as a glob of covgate, "" when it says something else.

    Where they can't say the same, the glob leaves out less.
    """
    if "[" in pattern or pattern.startswith("/") or not pattern.strip():
        return ""
    if pattern.startswith("*/"):
        pattern = "*" + pattern
    elif "/" not in pattern:
        pattern = "**/" + pattern
    return pattern + "*" if pattern.endswith("/*") else pattern


def _toml(table: dict[str, Any], name: str) -> str:
    head = [f"[{name}]"] if name else []
    own = [
        f"{key} = {_value(value)}" for key, value in table.items() if not isinstance(value, dict)
    ]
    blocks = ["\n".join((*head, *own))] if own else []
    for key, value in table.items():
        if isinstance(value, dict):
            title = f"[{name}.{key}]" if name else f"[{key}]"
            blocks.append("\n".join((title, *(f"{k} = {_value(v)}" for k, v in value.items()))))
    return "\n\n".join(blocks) + "\n"


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        import json

        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"{value}"


def _checked(edit: Edit) -> Edit:
    """Let covgate's own reader judge what is to be written."""
    read_settings(MemorySnapshot({edit.file: edit.new}))
    return edit


def _read(place: Path) -> str | None:
    """Return the text of a file with its line ends; raises `UsageError` when it is none."""
    try:
        return place.read_bytes().decode()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{place} cannot be read: {error}", "repair the file, then run again"
        ) from None


def differing(edits: tuple[Edit, ...]) -> Iterator[str]:
    """Yield the lines of a unified diff of the edits."""
    import difflib

    for edit in edits:
        old = (edit.old or "").splitlines(keepends=True)
        name = f"a/{edit.file}" if edit.old is not None else "/dev/null"
        new = edit.new.splitlines(keepends=True)
        for line in difflib.unified_diff(old, new, name, f"b/{edit.file}"):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
