"""YAML as nodes with lines, scalars as written: `off` stays "off" and `on` stays a key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from covgate.policy.option import Word

if TYPE_CHECKING:
    from collections.abc import Iterator

_FALSE = {"false", "no", "off", "n", "0"}
_TRUE = {"true", "yes", "on", "y", "1"}


class YamlError(ValueError):
    """A document that does not parse, with the line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Node:
    """A scalar (`text`), a sequence (`items`) or a mapping (`pairs`, merge keys resolved)."""

    line: int
    text: str | None = None
    items: tuple[Node, ...] = ()
    pairs: tuple[tuple[Word, Node], ...] = ()
    is_mapping: bool = False
    source: str = ""  # a scalar over several lines, as a script whose lines are those of the file
    source_line: int = 0

    def get(self, *keys: str) -> Node | None:
        """Return the value behind a chain of keys."""
        found: Node | None = self
        for key in keys:
            if found is None:
                return None
            found = next((value for name, value in found.pairs if name.text == key), None)
        return found

    def string(self, key: str) -> str:
        found = self.get(key)
        return (found.text or "") if found else ""

    def strings(self) -> tuple[Word, ...]:
        """Return a scalar, or the scalars of a sequence."""
        if self.text is not None:
            return (Word(self.text, self.line),) if self.text else ()
        return tuple(Word(item.text, item.line) for item in self.items if item.text is not None)

    @property
    def is_false(self) -> bool:
        return (self.text or "").strip().lower() in _FALSE

    @property
    def is_true(self) -> bool:
        return (self.text or "").strip().lower() in _TRUE

    def script(self) -> tuple[str, int]:
        """Return a scalar as a shell script and the line of its first line."""
        return (self.source, self.source_line) if self.source else (self.text or "", self.line)


@lru_cache(maxsize=128)  # base and target share most of their files
def parse_yaml(text: str) -> Node:
    """Return the (first) document; raises YamlError."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = next(iter(yaml.compose_all(text, Loader=loader)), None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(error.problem or "not YAML", mark.line + 1 if mark else 1) from error
    except yaml.YAMLError as error:
        raise YamlError(str(error), 1) from error
    return Node(1) if root is None else _Converter(text).convert(root)


class _Converter:
    """Turns yaml's nodes into ours, each once: aliases share what their anchor became."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._done: dict[int, Node] = {}

    def convert(self, node: Any) -> Node:
        if id(node) not in self._done:
            self._done[id(node)] = Node(node.start_mark.line + 1)  # met inside of itself: empty
            self._done[id(node)] = self._fresh(node)
        return self._done[id(node)]

    def _fresh(self, node: Any) -> Node:
        line = node.start_mark.line + 1
        if node.id == "scalar":
            source, source_line = _source(node, self._lines)
            return Node(line, text=node.value, source=source, source_line=source_line)
        if node.id == "sequence":
            return Node(line, items=tuple(self.convert(item) for item in node.value))
        return Node(line, pairs=tuple(self._pairs(node)), is_mapping=True)

    def _pairs(self, node: Any) -> Iterator[tuple[Word, Node]]:
        own: set[str] = set()
        merged: list[Node] = []
        for key, value in node.value:
            name = key.value if key.id == "scalar" else ""
            if name == "<<":
                converted = self.convert(value)
                merged += [converted] if converted.is_mapping else converted.items
                continue
            own.add(name)
            yield Word(name, key.start_mark.line + 1), self.convert(value)
        for mapping in merged:
            for word, value in mapping.pairs:
                if word.text not in own:
                    own.add(word.text)
                    yield word, value


def _source(node: Any, lines: list[str]) -> tuple[str, int]:
    """Return a scalar of several lines as a script that keeps the line numbers of the file."""
    start, end = node.start_mark.line, node.end_mark.line
    if node.style in ("|", ">"):
        start += 1
        body = _block(lines[start:])
        if node.style == "|":
            return "\n".join(body), start + 1
    elif end > start and node.style is None:
        body = [lines[start][node.start_mark.column :], *lines[start + 1 : end], lines[end]]
        body[-1] = lines[end][: node.end_mark.column]
        body = [line.strip() for line in body]
    else:
        return "", 0
    return "\n".join(_folded(body)), start + 1


def _block(lines: list[str]) -> list[str]:
    """Return the lines of a block scalar: those indented as deeply as its first one."""
    first = next((line for line in lines if line.strip()), "")
    indent = len(first) - len(first.lstrip())
    body = []
    for line in lines:
        if line.strip() and (not indent or len(line) - len(line.lstrip()) < indent):
            break
        body.append(line.strip())
    return body


def _folded(body: list[str]) -> list[str]:
    """Mark each line that a folded scalar joins with the next one as continued."""
    return [
        f"{line} \\" if line and at + 1 < len(body) and body[at + 1] else line
        for at, line in enumerate(body)
    ]
