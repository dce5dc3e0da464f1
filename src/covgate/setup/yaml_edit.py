"""Add a repository of hooks to a configuration of pre-commit: text goes in, nothing else moves.

Comments, order, quotes and indentation stay, because only lines are inserted. What comes out is
parsed and compared with what was meant; a text that can't be edited like this is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node, SequenceNode


class Hooks(NamedTuple):
    """What is to be added: a repository, its revision, and the ids of hooks."""

    repo: str
    rev: str
    ids: tuple[str, ...]

    def meant(self) -> dict[str, Any]:
        """Return the entry as a parser reads it."""
        return {"repo": self.repo, "rev": self.rev, "hooks": [{"id": one} for one in self.ids]}


class _Style(NamedTuple):
    """Columns of a block entry: of its dash, and, from there, of its keys and its hooks."""

    dash: int = 2
    keys: int = 2
    hooks: int = 2
    hook_keys: int = 2


def new_file(hooks: Hooks, stages: tuple[str, ...]) -> str:
    """Return a whole configuration that is installed for `stages`."""
    head = f"default_install_hook_types: [{', '.join(stages)}]\nrepos:\n"
    return head + "".join(f"{line}\n" for line in _block(hooks, _Style()))


def add_hooks(text: str, hooks: Hooks) -> str | None:
    """Return the text with the entry at the end of `repos`, None when that can't be done."""
    import yaml

    try:
        before = yaml.safe_load(text)
        root = yaml.compose(text)
    except yaml.YAMLError:
        return None
    if before is None:
        edited: str | None = _append(text, ["repos:", *_block(hooks, _Style())])
        before = {}
    elif isinstance(before, dict) and isinstance(root, yaml.MappingNode):
        edited = _edit(text, root, hooks)
    else:
        return None
    if edited is None:
        return None
    meant = {**before, "repos": [*(before.get("repos") or []), hooks.meant()]}
    try:
        return edited if yaml.safe_load(edited) == meant else None
    except yaml.YAMLError:
        return None


def _edit(text: str, root: MappingNode, hooks: Hooks) -> str | None:
    import yaml

    repos = next((value for key, value in root.value if key.value == "repos"), None)
    if repos is None:
        if root.flow_style:
            return None
        return _append(text, ["repos:", *_block(hooks, _Style())], root.start_mark.column)
    if isinstance(repos, yaml.SequenceNode):
        if repos.flow_style:
            return _into_flow(text, repos, hooks)
        return _after_block(text, repos, hooks)
    if isinstance(repos, yaml.ScalarNode) and repos.value in ("", "~", "null"):
        return _instead_of_nothing(text, repos, hooks)
    return None


def _block(hooks: Hooks, style: _Style) -> list[str]:
    dash = " " * style.dash
    keys = dash + " " * style.keys
    first = dash + "-" + " " * (style.keys - 1)
    hook = keys + " " * style.hooks + "-" + " " * (style.hook_keys - 1)
    return [
        f"{first}repo: {hooks.repo}",
        f"{keys}rev: {hooks.rev}",
        f"{keys}hooks:",
        *(f"{hook}id: {one}" for one in hooks.ids),
    ]


def _flow(hooks: Hooks) -> str:
    ids = ", ".join(f"{{id: {one}}}" for one in hooks.ids)
    return f"{{repo: {hooks.repo}, rev: {hooks.rev}, hooks: [{ids}]}}"


def _after_block(text: str, repos: SequenceNode, hooks: Hooks) -> str:
    """Insert after the last entry, with the comments that are indented as part of it."""
    lines = text.splitlines(keepends=True)
    dash = repos.start_mark.column
    at = _line_after(text, repos)
    end = at
    while end < len(lines):
        stripped = lines[end].strip()
        indent = len(lines[end]) - len(lines[end].lstrip(" "))
        if stripped.startswith("#") and indent > dash:
            at = end + 1
        elif stripped:
            break
        end += 1
    return _insert(lines, at, _block(hooks, _style(repos)), _line_end(text))


def _style(repos: SequenceNode) -> _Style:
    """Take the columns from the last entry that is written as a block."""
    import yaml

    dash = repos.start_mark.column
    style = _Style(dash)
    for entry in repos.value:
        if not isinstance(entry, yaml.MappingNode) or entry.flow_style:
            continue
        keys = entry.start_mark.column - dash
        if keys < 2:
            continue
        style = style._replace(keys=keys)
        for key, value in entry.value:
            if (
                key.value == "hooks"
                and isinstance(value, yaml.SequenceNode)
                and not value.flow_style
            ):
                column = value.start_mark.column
                first = value.value[0].start_mark.column if value.value else column + 2
                if value.value and not value.value[0].flow_style and first - column >= 2:
                    style = style._replace(
                        hooks=column - entry.start_mark.column, hook_keys=first - column
                    )
    return style


def _line_after(text: str, repos: SequenceNode) -> int:
    """Return the number of the line that follows a list (counted from 0).

    The end mark of a block is where the next thing starts, so it is told from what the list holds.
    """
    import yaml

    last, depth = repos.start_mark, 0
    is_block = False
    for event in yaml.parse(text):
        start, end = event.start_mark, event.end_mark
        if start is None or end is None or start.index < repos.start_mark.index:
            continue
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            if depth == 0:
                break
        if end.index > start.index:
            last = end
            is_block = isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">")
    return int(last.line) if is_block and last.column == 0 else int(last.line) + 1


def _into_flow(text: str, repos: SequenceNode, hooks: Hooks) -> str:
    """Insert into a list that is written in one piece; a comma at its end may stay."""
    if not repos.value:
        at = repos.end_mark.index - 1
        return text[:at] + _flow(hooks) + text[at:]
    at = repos.value[-1].end_mark.index
    return f"{text[:at]}, {_flow(hooks)}{text[at:]}"


def _instead_of_nothing(text: str, repos: Node, hooks: Hooks) -> str:
    start, end = repos.start_mark.index, repos.end_mark.index
    lines = (text[:start].rstrip(" ") + text[end:]).splitlines(keepends=True)
    return _insert(lines, repos.start_mark.line + 1, _block(hooks, _Style()), _line_end(text))


def _append(text: str, block: list[str], column: int = 0) -> str:
    lines = text.splitlines(keepends=True)
    return _insert(lines, len(lines), [" " * column + line for line in block], _line_end(text))


def _insert(lines: list[str], at: int, block: list[str], end: str) -> str:
    before = "".join(lines[:at])
    if before and not before.endswith(("\n", "\r")):
        before += end
    return before + "".join(line + end for line in block) + "".join(lines[at:])


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
