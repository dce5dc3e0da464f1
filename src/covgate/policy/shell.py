"""The commands of a shell script, and whether the failure of each can fail the script."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from covgate.policy.option import Word
from covgate.policy.shell_syntax import Group, If, Item, Loop, Pipe, Simple, parse_script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(
    r"\$\{\{\s*(?:env|vars)\.(\w+)\s*\}\}|\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)|\$\((\w+)\)"
)


class Command(NamedTuple):
    """One command as it will run; `lost` says why its failure does not count ("" if it does)."""

    words: tuple[Word, ...]
    lost: str
    env: Mapping[str, str]
    env_lines: Mapping[str, int] = {}  # where a variable was set, if outside of the script


@dataclass
class _State:
    errexit: bool
    pipefail: bool
    trapped: bool = False
    defined: set[str] = field(default_factory=set)  # functions and aliases
    env: dict[str, str] = field(default_factory=dict)


def commands_of(
    script: str,
    line: int = 1,
    *,
    errexit: bool = True,
    pipefail: bool = False,
    env: Mapping[str, str] | None = None,
    env_lines: Mapping[str, int] | None = None,
) -> list[Command]:
    """Return the simple commands of `script` in order, environment variables put in."""
    state = _State(errexit, pipefail, env=dict(env or {}))
    found = list(_list(parse_script(script, line), state, used=True, lost=""))
    if state.trapped:
        found = [c._replace(lost=c.lost or "a trap ends the script with 0") for c in found]
    return [c._replace(env_lines=env_lines) for c in found] if env_lines else found


def expand(text: str, env: Mapping[str, str]) -> str:
    """Put known variables into a text; unknown ones without a default stay."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[4] or match[5]
        return env.get(name, match[3] if match[3] is not None else match.group())

    return _VARIABLE.sub(value, text) if "$" in text else text


def _list(items: Sequence[Item], state: _State, *, used: bool, lost: str) -> Iterator[Command]:
    for i, item in enumerate(items):
        counts = used and (i == len(items) - 1 or _is_kept(items[i + 1 :]))
        yield from _item(item, state, used=counts, lost=lost)
        if not lost and _exits(item):
            lost = "the script exits before it"


def _is_kept(after: Sequence[Item]) -> bool:
    """Return whether `$?` is kept and given to `exit` later."""
    texts = [_words(item) for item in after]
    if texts[0][:1] == ["exit"]:
        return len(texts[0]) == 1 or texts[0][1] == "$?"
    match = _ASSIGNMENT.fullmatch(texts[0][0]) if len(texts[0]) == 1 else None
    if match is None or match[2] != "$?":
        return False
    kept = {f"${match[1]}", f"${{{match[1]}}}"}
    return any(text[:1] == ["exit"] and text[1:] and text[1] in kept for text in texts)


def _words(item: Item) -> list[str]:
    first = item.pipes[0].commands[0]
    if len(item.pipes) > 1 or not isinstance(first, Simple):
        return [""]
    return [word.text for word in first.words]


def _exits(item: Item) -> bool:
    words = _words(item)
    return words[0] == "exit" or (words[0] == "exec" and len(words) > 1)


def _item(item: Item, state: _State, *, used: bool, lost: str) -> Iterator[Command]:
    last = len(item.pipes) - 1
    blocked = lost
    for i, pipe in enumerate(item.pipes):
        caught = next((j for j in range(i, last) if item.operators[j] == "||"), None)
        why = blocked
        if not why and item.background:
            why = "it runs in the background"
        elif not why and caught is not None:
            why = "" if _always_fails(item.pipes[caught + 1]) else "`||` discards its failure"
        elif not why and i < last and not used:
            why = "`&&` keeps its failure from ending the script"
        elif not why and i == last and not (used or state.errexit):
            why = "the commands after it decide the exit status"
        yield from _pipe(pipe, state, lost=why)
        if i < last and _is_constant(pipe) == {"&&": "false", "||": "true"}[item.operators[i]]:
            blocked = blocked or "it is never reached"


def _is_constant(pipe: Pipe) -> str:
    first = pipe.commands[0]
    if len(pipe.commands) > 1 or not isinstance(first, Simple) or len(first.words) != 1:
        return ""
    name = first.words[0].text
    return {"true": "true", ":": "true", "false": "false"}.get(name, "")


def _always_fails(pipe: Pipe) -> bool:
    command = pipe.commands[-1]
    if isinstance(command, Group):
        return _list_fails(command.body)
    if not isinstance(command, Simple):
        return False
    name, *rest = [word.text for word in command.words]
    if name in {"exit", "return"}:
        return not rest or rest[0] not in {"0", "00"}
    return name in {"false", "die", "fail", "abort"}


def _list_fails(items: Sequence[Item]) -> bool:
    return any(_always_fails(item.pipes[-1]) and "||" not in item.operators for item in items)


def _pipe(pipe: Pipe, state: _State, *, lost: str) -> Iterator[Command]:
    last = len(pipe.commands) - 1
    for i, command in enumerate(pipe.commands):
        why = lost
        if not why and i < last and not state.pipefail:
            why = "a pipe discards its exit status"
        if not why and pipe.negated:
            why = "`!` turns its exit status around"
        yield from _command(command, state, lost=why)


def _command(command: Simple | Group | If | Loop, state: _State, *, lost: str) -> Iterator[Command]:
    match command:
        case Simple(words):
            yield from _simple(words, state, lost)
        case Group(body, name):
            state.defined |= {name}
            yield from _list(body, replace(state, env=dict(state.env)), used=True, lost=lost)
        case Loop(condition, body):
            ignored = lost or "it only decides about a loop"
            yield from _list(condition, state, used=True, lost=ignored)
            yield from _list(body, state, used=True, lost=lost)
        case If():
            yield from _if(command, state, lost)


def _if(command: If, state: _State, lost: str) -> Iterator[Command]:
    for i, (condition, body) in enumerate(command.branches):
        after = command.otherwise if i == len(command.branches) - 1 else ()
        negated = bool(condition) and condition[-1].pipes[-1].negated
        fails = _list_fails(body if negated else after)
        why = lost or ("" if fails else "it only decides which branch is taken")
        constant = _is_constant(condition[-1].pipes[-1]) if condition else ""
        plain = tuple(
            item._replace(pipes=tuple(pipe._replace(negated=False) for pipe in item.pipes))
            for item in condition
        )
        yield from _list(plain, state, used=True, lost=why)
        never = "it is never reached" if constant == "false" else ""
        yield from _list(body, state, used=True, lost=lost or never)
    yield from _list(command.otherwise, state, used=True, lost=lost)


def _simple(words: tuple[Word, ...], state: _State, lost: str) -> Iterator[Command]:
    env = state.env
    at = 0
    while at < len(words) and (match := _ASSIGNMENT.fullmatch(words[at].text)):
        env = {**env, match[1]: expand(match[2], env)}
        at += 1
    rest = words[at:]
    if not rest:
        state.env = env
        return
    name, *arguments = [word.text for word in rest]
    _builtin(name, arguments, state)
    spread = []
    for word in rest:
        text = expand(word.text, env)
        parts = text.split() if text != word.text and " " in text else [text]
        spread += [Word(part, word.line) for part in parts]
    if spread and name not in state.defined:
        yield Command(tuple(spread), lost, env)


def _builtin(name: str, arguments: list[str], state: _State) -> None:
    """Follow the commands that change how the later ones run."""
    if name == "set":
        _set(state, arguments)
    elif name == "alias":
        state.defined |= {text.partition("=")[0] for text in arguments}
    elif name == "trap" and arguments and re.search(r"exit\s+0|^exit$", arguments[0]):
        state.trapped = True
    elif name == "export":
        for text in arguments:
            if match := _ASSIGNMENT.fullmatch(text):
                state.env = {**state.env, match[1]: expand(match[2], state.env)}


def _set(state: _State, flags: list[str]) -> None:
    for at, flag in enumerate(flags):
        following = flags[at + 1] if at + 1 < len(flags) else ""
        on = flag.startswith("-")
        if not flag.startswith(("-", "+")):
            continue
        if "e" in flag[1:] or ("o" in flag[1:] and following == "errexit"):
            state.errexit = on
        if "o" in flag[1:] and following == "pipefail":
            state.pipefail = on
