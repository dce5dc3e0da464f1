"""The gates and exclusions of Codecov and Sonar."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING, NamedTuple

from covgate.policy.gate import Gate, Kind, Place
from covgate.policy.option import Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.policy.tree import Tree
    from covgate.policy.yamldoc import Node

CODECOV = tuple(
    f"{folder}{dot}codecov.{ext}"
    for folder in ("", ".github/", "dev/")
    for dot in ("", ".")
    for ext in ("yml", "yaml")
)
SONAR = "sonar-project.properties"
AUTO = 0.001  # "not less than before" is a demand, if no number


class Exclusion(NamedTuple):
    """A pattern that takes files out of a service's count."""

    key: str
    word: Word
    path: str


def codecov_path(tree: Tree) -> str | None:
    return next((path for path in CODECOV if path in tree.paths), None)


def codecov_gates(tree: Tree) -> list[Gate]:
    """Return a gate per status; raises YamlError."""
    path = codecov_path(tree)
    root = tree.yaml(path) if path else None
    status = root.get("coverage", "status") if root else None
    if path is None or root is None:
        return []
    found: list[Gate] = []
    kinds: tuple[tuple[str, Kind], ...] = (("project", "total"), ("patch", "diff"))
    for name, kind in kinds:
        node = status.get(name) if status else None
        if status is not None and status.is_false:
            found.append(_status(kind, name, path, status, "`status: off` asks for nothing"))
        elif node is None or not node.is_mapping:
            off = f"`{name}: {node.text}` switches it off" if node and node.is_false else ""
            found.append(_status(kind, name, path, node or root, off))
        else:
            parts = [(w, n) for w, n in node.pairs if n.is_mapping]
            flat = [] if parts else [(Word("default", node.line), node)]
            found += [_target(kind, f"{name}/{w.text}", path, n, w) for w, n in parts or flat]
            found += [
                _status(kind, f"{name}/{w.text}", path, n, f"`{w.text}: {n.text}` switches it off")
                for w, n in node.pairs
                if parts and n.is_false
            ]
    return found


def _status(kind: Kind, name: str, path: str, node: Node, off: str) -> Gate:
    place = Place("service", path, node.line, name)
    return Gate(kind, f"Codecov's {name} status", place, AUTO, off=off, off_line=node.line)


def _target(kind: Kind, name: str, path: str, node: Node, key: Word) -> Gate:
    place = Place("service", path, key.line, name)
    target, threshold = node.get("target"), node.get("threshold")
    strength = _percent(target)
    if target is not None:
        place = place._replace(line=target.line)
    off, off_line = "", key.line
    for word, value in node.pairs:
        if word.text == "informational" and value.is_true:
            off, off_line = "`informational` only tells", word.line
        elif word.text == "if_ci_failed" and value.text == "success":
            off, off_line = "`if_ci_failed: success` passes when CI failed", word.line
        elif word.text == "enabled" and value.is_false:
            off, off_line = "`enabled: false` switches it off", word.line
    gate = Gate(kind, f"Codecov's {name} status", place, strength, _percent(threshold, 0.0))
    paths = node.get("paths")
    if paths is not None and not off:
        gate = gate._replace(rules=frozenset(w.text for w in paths.strings()))
        gate = gate._replace(strength_line=paths.line)
    slack_line = threshold.line if threshold is not None else 0
    return gate._replace(off=off, off_line=off_line, slack_line=slack_line)


def _percent(node: Node | None, default: float = AUTO) -> float:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%?\s*", (node.text or "") if node else "")
    return float(match[1]) if match else default


def exclusions(tree: Tree) -> list[Exclusion]:
    """Return the patterns of Codecov's `ignore` and Sonar's exclusions; raises YamlError."""
    return [*_codecov_ignored(tree), *_sonar_excluded(tree)]


def _codecov_ignored(tree: Tree) -> Iterator[Exclusion]:
    path = codecov_path(tree)
    root = tree.yaml(path) if path else None
    ignored = root.get("ignore") if root else None
    for word in ignored.strings() if ignored else ():
        yield Exclusion("codecov.ignore", word, path or "")


def _sonar_excluded(tree: Tree) -> Iterator[Exclusion]:
    for number, line in enumerate((tree.text(SONAR) or "").splitlines(), 1):
        key, _, value = line.partition("=")
        if key.strip() in {"sonar.coverage.exclusions", "sonar.exclusions"}:
            for part in value.split(","):
                if part.strip():
                    yield Exclusion(key.strip(), Word(part.strip(), number), SONAR)


def ignores(exclusion: Exclusion, path: str) -> bool:
    """Return whether a pattern takes a file out; globs, folders and regular expressions count."""
    pattern = exclusion.word.text.removeprefix("./")
    folder = pattern.rstrip("/")
    if path == folder or path.startswith(folder + "/"):
        return True
    glob = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
    glob = glob.replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    if re.fullmatch(glob, path) or re.fullmatch(translate(pattern), path):
        return True
    if exclusion.key != "codecov.ignore" or not re.search(r"[\^$]|\.\*", pattern):
        return False
    try:
        return re.search(pattern, path) is not None
    except re.error:
        return False
