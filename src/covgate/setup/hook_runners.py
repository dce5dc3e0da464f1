"""Which hook runners a project uses, whether they call covgate, and which hooks are installed."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from covgate.git.repository import Repository

STAGES = ("pre-commit", "pre-merge-commit", "pre-push")
PRE_COMMIT_FILE = ".pre-commit-config.yaml"
PREK_FILE = "prek.toml"
_LEFTHOOK_FILES = tuple(
    f"{dot}lefthook.{kind}" for dot in ("", ".") for kind in ("yml", "yaml", "toml", "json")
)
_US = re.compile(r"\bcovgate\b")
_LINT_STAGED = re.compile(r"^[^#\n]*\blint-staged\b.*", re.MULTILINE)
_DIFF_FILTER = re.compile(r"--diff-filter[= ]\W?(\w+)")
_INSTALL_PYTHON = re.compile(r"^INSTALL_PYTHON=(.+)$", re.MULTILINE)


class Runner(NamedTuple):
    """A hook runner that the project is set up for.

    `stages` are the stages at which it is to be installed, `calls_us` whether it calls covgate,
    `mistake` why its configuration can't be read, `gap` which commits pass it by, and the remedy.
    """

    name: str
    file: str
    stages: tuple[str, ...]
    calls_us: bool
    mistake: str = ""
    gap: tuple[str, str] | None = None


class Installed(NamedTuple):
    """A hook that git would run: who made it, and why it would not run (`problem`)."""

    stage: str
    file: str
    by: str
    calls_us: bool
    problem: str = ""


def read_runners(top: Path) -> list[Runner]:
    """Return the hook runners whose configuration lies in a project."""
    files = (PREK_FILE, PRE_COMMIT_FILE, ".pre-commit-config.yml")
    found = [_pre_commit(top, file) for file in files if (top / file).is_file()]
    for file in _LEFTHOOK_FILES:
        if (text := _text(top / file)) is not None:
            stages = tuple(
                s for s in STAGES if re.search(rf'^["\[]*{s}["\]]*\s*[:=\]]?', text, re.M)
            )
            found.append(Runner("lefthook", file, stages, bool(_US.search(text))))
    scripts = {stage: _text(top / ".husky" / stage) for stage in STAGES}
    present = {stage: text for stage, text in scripts.items() if text is not None}
    if present:
        found.append(_husky(top, present))
    return found


def _husky(top: Path, scripts: Mapping[str, str]) -> Runner:
    """husky's scripts call covgate by themselves, or lint-staged, whose configuration does."""
    if any(_US.search(text) for text in scripts.values()):
        return Runner("husky", ".husky", tuple(scripts), True)
    calls = [call for text in scripts.values() for call in _LINT_STAGED.findall(text)]
    if not calls or not _lint_staged_calls_us(top):
        return Runner("husky", ".husky", tuple(scripts), False)
    gap = None
    if not any("D" in filters for call in calls for filters in _DIFF_FILTER.findall(call)):
        gap = (
            "lint-staged does not run for a commit that only deletes files",
            "npx lint-staged --diff-filter=ACDMRT",
        )
    return Runner("husky", ".husky", tuple(scripts), True, gap=gap)


def _lint_staged_calls_us(top: Path) -> bool:
    places = [*top.glob(".lintstagedrc*"), *top.glob("lint-staged.config.*")]
    if any(_US.search(_text(place) or "") for place in places):
        return True
    try:
        package = json.loads(_text(top / "package.json") or "{}")
    except ValueError:
        return False
    own = package.get("lint-staged") if isinstance(package, dict) else None
    return bool(_US.search(json.dumps(own)))


def read_installed(repo: Repository) -> list[Installed]:
    """Return the hooks of the stages that covgate can gate, where git looks for them."""
    folder = hooks_folder(repo)
    return [found for stage in STAGES if (found := _installed(repo, folder, stage))]


def hooks_folder(repo: Repository) -> Path:
    """Return the folder whose hooks git runs: `core.hooksPath`, or hooks in the git folder."""
    return repo.top / os.fsdecode(repo.git.run("rev-parse", "--git-path", "hooks")).rstrip("\n")


def hooks_of(document: object) -> Iterator[dict[str, Any]]:
    """Yield the hooks of a configuration of pre-commit or prek, whatever else it holds."""
    repos = document.get("repos") if isinstance(document, dict) else None
    for repo in repos if isinstance(repos, list) else []:
        hooks = repo.get("hooks") if isinstance(repo, dict) else None
        for hook in hooks if isinstance(hooks, list) else []:
            if isinstance(hook, dict):
                yield {**hook, "repo": str(repo.get("repo", ""))}


def calls_covgate(hook: dict[str, Any]) -> bool:
    """Whether a hook is one of ours, or a local one that runs covgate."""
    words = (hook.get("entry"), hook.get("id"), hook["repo"].rstrip("/").rpartition("/")[2])
    return any(_US.search(str(word)) for word in words if word)


def _pre_commit(top: Path, file: str) -> Runner:
    name = "prek" if file == PREK_FILE else "pre-commit"
    try:
        document = _parse(file, _text(top / file) or "")
    except ValueError as error:
        return Runner(name, file, ("pre-commit",), False, str(error))
    if not isinstance(document, dict):
        return Runner(name, file, ("pre-commit",), False, "it holds no table")
    types = document.get("default_install_hook_types")
    stages = tuple(map(str, types)) if isinstance(types, list) and types else ("pre-commit",)
    calls = any(map(calls_covgate, hooks_of(document)))
    return Runner(name, file, tuple(s for s in stages if s in STAGES), calls)


def _parse(file: str, text: str) -> object:
    if file == PREK_FILE:
        import tomllib

        return tomllib.loads(text)
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _installed(repo: Repository, folder: Path, stage: str) -> Installed | None:
    place = folder / stage
    text = _text(place)
    if text is None:
        return None
    by = _maker(place, text)
    own = _text(folder.parent / stage) if by == "husky" and folder.name == "_" else None
    if by == "husky" and folder.name == "_" and own is None:
        return None
    problem = ""
    if not os.access(place, os.X_OK):
        problem = "it is not executable, so git passes it over"
    elif by == "pre-commit":
        problem = _lost_program(text, repo)
    return Installed(stage, str(place), by, bool(_US.search(own or text)), problem)


def _maker(place: Path, text: str) -> str:
    if "File generated by pre-commit" in text:
        return "pre-commit"
    if "File generated by prek" in text:
        return "prek"
    if ".husky" in place.parts or "husky" in text[:400]:
        return "husky"
    return "lefthook" if "lefthook" in text.lower() else "a script of its own"


def _lost_program(text: str, repo: Repository) -> str:
    """pre-commit's hook starts the interpreter that installed it, else `pre-commit` of PATH."""
    import shutil

    named = _INSTALL_PYTHON.search(text)
    python = named[1].strip("'\"") if named else ""
    if os.access(python, os.X_OK) or shutil.which("pre-commit", path=repo.git.env.get("PATH")):
        return ""
    return f"the interpreter that it starts is gone ({python})"


def _text(place: Path) -> str | None:
    try:
        return place.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
