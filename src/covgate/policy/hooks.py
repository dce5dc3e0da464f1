"""The gates among the hooks of pre-commit and prek."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from covgate.policy.gate import GATE_NAME, Gate, Place
from covgate.policy.measured import production_files
from covgate.policy.option import Word
from covgate.policy.recognise import Defaults, gates_of
from covgate.policy.shell import Command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from covgate.policy.tree import Tree
    from covgate.policy.yamldoc import Node

YAML_FILES = (".pre-commit-config.yaml", ".pre-commit-config.yml")
TOML_FILES = ("prek.toml",)
FILES = (*TOML_FILES, *YAML_FILES)
_COMMIT_STAGES = {"pre-commit", "commit", "pre-push", "push", "pre-merge-commit", "merge-commit"}
_PYTHON_TAGS = {"file", "text", "python", "non-executable", "executable", "python3", "pyi"}
_COVGATE_IDS = {"covgate", "impacted-tests", "diff-coverage", "skip-reasons", "config-weakened"}
_INHERITED = {"files", "exclude", "default_stages"}
_NEVER_GATES = {"name-tests-test", "check-coverage-badge"}


@dataclass(frozen=True)
class Hook:
    """One hook as configured, keys that hooks inherit put in."""

    repo: str
    id: str
    line: int
    path: str
    entry: tuple[Word, ...]
    args: tuple[Word, ...]
    lines: Mapping[str, int]
    stages: frozenset[str]
    skipped: int  # the line on which pre-commit.ci is told to leave it out, else 0
    language: str
    files: tuple[str, ...]
    exclude: tuple[str, ...]
    types: frozenset[str]
    types_or: frozenset[str]
    exclude_types: frozenset[str]
    always_run: bool
    rev: str = ""
    rev_line: int = 0


def hook_gates(tree: Tree, defaults: Defaults) -> list[Gate]:
    """Return the gates; raises YamlError."""
    return [gate for hook in read_hooks(tree) for gate in _gates(hook, tree, defaults)]


def read_hooks(tree: Tree) -> list[Hook]:
    """Return the hooks of the file in effect (prek prefers its own); raises YamlError."""
    for path in FILES:
        if path in tree.paths:
            return list(_from_toml(tree, path) if path in TOML_FILES else _from_yaml(tree, path))
    return []


def _from_yaml(tree: Tree, path: str) -> Iterator[Hook]:
    root = tree.yaml(path)
    if root is None:
        return
    skipped = {word.text: word.line for word in _strings(root.get("ci", "skip"))}
    top = {word.text: _strings(value) for word, value in root.pairs}
    top_lines = {word.text: word.line for word, _ in root.pairs if word.text in _INHERITED}
    for repo in (root.get("repos") or root).items:
        hooks = repo.get("hooks")
        for node in hooks.items if hooks else ():
            keys = {word.text: (value, word.line) for word, value in node.pairs}
            values = {name: _strings(value) for name, (value, _) in keys.items()}
            lines = top_lines | {name: line for name, (_, line) in keys.items()}
            name = repo.string("repo")
            rev = _strings(repo.get("rev"))
            yield _hook(_Written(name, path, node.line, values, lines, top, skipped, rev))


def _from_toml(tree: Tree, path: str) -> Iterator[Hook]:
    document = tree.toml(path)
    if document is None:
        return
    top = {key: _plain(value, 1) for key, value in document.data.items()}
    for i, repo in enumerate(document.data.get("repos") or ()):
        for j, table in enumerate(repo.get("hooks") or ()):
            at = ("repos", i, "hooks", j)
            lines = {key: document.line(*at, key) for key in table}
            values = {key: _plain(value, lines[key]) for key, value in table.items()}
            name = str(repo.get("repo", ""))
            rev = _plain(repo.get("rev", ""), document.line("repos", i, "rev"))
            yield _hook(_Written(name, path, document.line(*at), values, lines, top, {}, rev))


def _plain(value: object, line: int) -> tuple[Word, ...]:
    if isinstance(value, bool):
        return (Word(str(value).lower(), line),)
    items = value if isinstance(value, list) else [value]
    return tuple(Word(str(item), line) for item in items if not isinstance(item, dict))


def _strings(node: Node | None) -> tuple[Word, ...]:
    return node.strings() if node else ()


class _Written(NamedTuple):
    """A hook as written: where, its own values and their lines, and what holds for all."""

    repo: str
    path: str
    line: int
    values: Mapping[str, tuple[Word, ...]]
    lines: Mapping[str, int]
    top: Mapping[str, tuple[Word, ...]]
    skipped: Mapping[str, int]
    rev: tuple[Word, ...] = ()


def _hook(written: _Written) -> Hook:
    values, top, skipped = written.values, written.top, written.skipped

    def texts(name: str) -> frozenset[str]:
        return frozenset(word.text for word in values.get(name, ()))

    def patterns(name: str) -> tuple[str, ...]:
        return tuple(word.text for source in (top, values) for word in source.get(name, ()))

    name = next((word.text for word in values.get("id", ())), "")
    stages = values["stages"] if "stages" in values else top.get("default_stages", ())
    return Hook(
        repo=written.repo,
        id=name,
        line=written.line,
        path=written.path,
        entry=tuple(Word(t, w.line) for w in values.get("entry", ()) for t in _split(w.text)),
        args=values.get("args", ()),
        lines=written.lines,
        stages=frozenset(word.text for word in stages),
        skipped=skipped.get(name) or skipped.get(next(iter(texts("alias")), ""), 0),
        language=next(iter(texts("language")), ""),
        files=patterns("files"),
        exclude=patterns("exclude"),
        types=texts("types"),
        types_or=texts("types_or"),
        exclude_types=texts("exclude_types"),
        always_run="true" in {text.lower() for text in texts("always_run")},
        rev=written.rev[0].text if written.rev else "",
        rev_line=written.rev[0].line if written.rev else 0,
    )


def is_covgate(hook: Hook) -> bool:
    """Return whether a hook is one of covgate's own."""
    return hook.id in _COVGATE_IDS


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _gates(hook: Hook, tree: Tree, defaults: Defaults) -> list[Gate]:
    place = Place("hook", hook.path, hook.line, hook.id)
    off, off_line = _why_off(hook, tree)
    is_ours = hook.id in _COVGATE_IDS and "covgate" in hook.repo
    entry = hook.entry or _own_entry(hook) if is_ours else hook.entry
    words = (*(entry or (Word(hook.id, hook.line),)), *hook.args)
    found = gates_of(Command(words, "", {}), place, defaults, off)
    if not found and _is_gate(hook):
        if hook.entry and _is_noop(hook.entry):
            off, off_line = (
                off or f"`{' '.join(w.text for w in words)}` checks nothing",
                words[0].line,
            )
        found = [Gate("other", hook.id, place, off=off, off_line=off_line)]
    if off:
        found = [gate._replace(off_line=off_line) for gate in found]
    if is_ours and not any(gate.kind == "covgate" for gate in found):
        off = off or f"`{' '.join(w.text for w in words)}` does not check the commit"
        found = [Gate("covgate", hook.id, place, off=off, off_line=off_line or words[0].line)]
    return found


def _own_entry(hook: Hook) -> tuple[Word, ...]:
    """Return what a hook of covgate runs."""
    rules = () if hook.id == "covgate" else ("--only", hook.id)
    return tuple(Word(text, hook.line) for text in ("covgate", "check", *rules))


def _is_gate(hook: Hook) -> bool:
    if hook.id in _NEVER_GATES:
        return False
    return any(GATE_NAME.search(text) for text in (hook.id, *(w.text for w in hook.entry[:3])))


def _is_noop(entry: Sequence[Word]) -> bool:
    name = entry[0].text.rpartition("/")[2]
    text = " ".join(word.text for word in entry[1:])
    if name in {"true", "echo", ":", "printf", "sleep"}:
        return True
    if name in {"sh", "bash", "zsh", "dash"}:
        return re.fullmatch(r"-\w*c\s+(?:true|:|exit\s+0|exit|echo\b.*)", text) is not None
    return name.startswith("python") and re.fullmatch(r"-c\s+(?:pass|''|)", text) is not None


def _why_off(hook: Hook, tree: Tree) -> tuple[str, int]:
    if hook.language == "pygrep":
        return "`language: pygrep` does not run its entry", hook.lines["language"]
    if hook.stages and not hook.stages & _COMMIT_STAGES:
        stages = ", ".join(sorted(hook.stages))
        line = hook.lines.get("stages") or hook.lines.get("default_stages", hook.line)
        return f"it only runs at stage {stages}", line
    if hook.skipped:
        return "`ci: skip` leaves it out", hook.skipped
    if not hook.always_run and not _files(hook, tree):
        key = next((k for k in ("exclude", "files", "types", "types_or") if k in hook.lines), "id")
        return "no Python file of the project starts it", hook.lines.get(key, hook.line)
    return "", 0


def _files(hook: Hook, tree: Tree) -> frozenset[str]:
    """Return the production files whose change starts the hook."""
    if hook.types and not hook.types <= _PYTHON_TAGS:
        return frozenset()
    if hook.types_or and not hook.types_or & _PYTHON_TAGS:
        return frozenset()
    if hook.exclude_types & _PYTHON_TAGS:
        return frozenset()
    return frozenset(
        path
        for path in production_files(tree)
        if all(_search(pattern, path) for pattern in hook.files)
        and not any(_search(pattern, path) for pattern in hook.exclude if pattern)
    )


def _search(pattern: str, path: str) -> bool:
    try:
        return re.search(pattern, path) is not None
    except re.error:
        return False


def narrowed_files(hook: Hook, before: Hook, tree: Tree) -> frozenset[str]:
    """Return the files of `tree` that started the hook as it was `before` and no longer do."""
    if hook.always_run:
        return frozenset()
    return _files(before, tree) - _files(hook, tree)
