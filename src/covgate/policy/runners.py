"""The gates in tox, make, shell scripts and the task tables of pyproject.toml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from covgate.policy.gate import Gate, Place
from covgate.policy.option import Word
from covgate.policy.recognise import Defaults, gates_of
from covgate.policy.shell import commands_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covgate.policy.option import Option
    from covgate.policy.tree import Tree

MAKEFILES = ("GNUmakefile", "makefile", "Makefile", "justfile", "Justfile", ".justfile")
_SCRIPT = re.compile(r"(?:[^/]*|(?:scripts?|bin|ci|\.ci|tools?|\.husky|\.?githooks|hooks)/[^/]*)")
_HOOK_SCRIPT = re.compile(r"(?:\.husky|\.?githooks|hooks)/(?:pre-commit|pre-push|commit-msg)")
_IGNORED = re.compile(r"^\.IGNORE\s*:|^MAKEFLAGS\s*[:+]?=.*(?:-i\b|--ignore-errors)", re.MULTILINE)
NOT_CHOSEN = "tox does not run it by default"
_SET = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*(?::?:|\?|\+)?=\s*(.*)")
_TARGET = re.compile(r"([^\s:#=@][^:=#]*?)\s*:(?![=:])(.*)")
_TASKS = (
    ("tool", "poe", "tasks"), ("tool", "pdm", "scripts"), ("tool", "taskipy", "tasks"),
    ("tool", "rye", "scripts"), ("tool", "pixi", "tasks"),
)  # fmt: skip


def is_script(path: str) -> bool:
    if _HOOK_SCRIPT.fullmatch(path):
        return True
    return path.endswith((".sh", ".bash")) and _SCRIPT.fullmatch(path) is not None


def runner_gates(tree: Tree, defaults: Defaults) -> list[Gate]:
    """Return the gates of all of them."""
    found = [*_tox_ini(tree, defaults), *_tox_toml(tree, defaults), *_tasks(tree, defaults)]
    make = next((path for path in MAKEFILES[:3] if path in tree.paths), "")
    for path in (make, *MAKEFILES[3:]):
        found += _makefile(tree, path, defaults)
    for path in sorted(filter(is_script, tree.paths)):
        text = tree.text(path) or ""
        first = text.partition("\n")[0]
        strict = first.startswith("#!") and re.search(r"\s-\w*e", first) is not None
        found += _script(text, 1, Place("script", path, 1, path), defaults, errexit=strict)
    return found


def _script(
    text: str, line: int, place: Place, defaults: Defaults, *, errexit: bool,
    off: str = "", env: Mapping[str, str] | None = None,
) -> Iterator[Gate]:  # fmt: skip
    for command in commands_of(text, line, errexit=errexit, env=env):
        yield from gates_of(command, place, defaults, off)


def _tox_ini(tree: Tree, defaults: Defaults) -> Iterator[Gate]:
    for path in ("tox.ini", "setup.cfg"):
        sections = tree.ini(path)
        chosen, line = _env_list(sections or {})
        for name, options in (sections or {}).items():
            if not re.match(r"testenv(?:$|:)", name):
                continue
            shared = (sections or {}).get("testenv", {}) if name != "testenv" else {}
            settings = {**shared, **options}
            if name != "testenv" and "commands" not in options:
                continue  # it runs what [testenv] says
            label = name.removeprefix("testenv:")
            off = "" if chosen is None or name == "testenv" or label in chosen else NOT_CHOSEN
            for gate in _tox_env(path, name, settings, defaults):
                yield gate if gate.off else gate._replace(off=off, off_line=line)


def _env_list(sections: Mapping[str, Mapping[str, Option]]) -> tuple[frozenset[str] | None, int]:
    """Return the environments that tox runs by default, None when that is not said."""
    main = sections.get("tox") or sections.get("tox:tox") or {}
    option = main.get("env_list") or main.get("envlist")
    if option is None:
        return None, 1
    text = ",".join(word.text for word in option.items())
    while match := re.search(r"([^,{}]*)\{([^{}]*)\}([^,{}]*)", text):
        parts = [f"{match[1]}{part.strip()}{match[3]}" for part in match[2].split(",")]
        text = text[: match.start()] + ",".join(parts) + text[match.end() :]
    return frozenset(part.strip() for part in text.split(",") if part.strip()), option.line


def _tox_env(
    path: str, name: str, settings: Mapping[str, Option], defaults: Defaults
) -> Iterator[Gate]:
    soft = settings.get("ignore_outcome")
    ignored = settings.get("ignore_errors")
    off = "`ignore_outcome` discards its failure" if soft and soft.is_true else ""
    env = dict(_environment(settings))
    for key in ("commands_pre", "commands", "commands_post"):
        option = settings.get(key)
        if option is None:
            continue
        place = Place("script", path, option.line, name)
        for word in _continued(option.words):
            text = re.sub(r"\{posargs:?([^}]*)\}", r"\1", word.text)
            why = off
            if re.match(r"-\s*\S", text) and not text.startswith("--"):
                why = why or "a leading `-` makes tox ignore its exit status"
            text = text.lstrip("-! ") if text[:1] in "-!" else text
            for gate in _script(text, word.line, place, defaults, errexit=True, off=why, env=env):
                at = soft.line if off and soft else gate.off_line
                yield gate._replace(off_line=at)
    _ = ignored  # tox runs on after a failing command, and still fails


def _environment(settings: Mapping[str, Option]) -> Iterator[tuple[str, str]]:
    for key in ("setenv", "set_env"):
        for word in settings[key].words if key in settings else ():
            name, _, value = word.text.partition("=")
            yield name.strip(), value.strip()


def _continued(words: tuple[Word, ...]) -> list[Word]:
    """Join lines that end in a backslash, keeping the places of both."""
    joined: list[Word] = []
    for word in words:
        if joined and joined[-1].text.endswith("\\"):
            joined[-1] = joined[-1]._replace(text=f"{joined[-1].text}\n{word.text}")
        else:
            joined.append(word)
    return joined


def _tox_toml(tree: Tree, defaults: Defaults) -> Iterator[Gate]:
    for path, keys in (("tox.toml", ()), ("pyproject.toml", ("tool", "tox"))):
        document = tree.toml(path)
        table = document.table(*keys) if document else None
        if document is None or table is None:
            continue
        envs: dict[tuple[str, ...], Any] = {("env_run_base",): table.get("env_run_base")}
        envs |= {("env", name): env for name, env in (table.get("env") or {}).items()}
        for at, env in envs.items():
            commands = env.get("commands") if isinstance(env, dict) else None
            off = (
                "`ignore_outcome` discards its failure" if env and env.get("ignore_outcome") else ""
            )
            for i, command in enumerate(commands or ()):
                line = document.line(*keys, *at, "commands", i)
                words = [str(word) for word in command if not isinstance(word, dict)]
                text = " ".join(_quoted(word) for word in words)
                why = off or (
                    "a leading `-` makes tox ignore its exit status"
                    if text[:2] in {"- ", "-p"}
                    else ""
                )
                place = Place("script", path, line, ".".join(at))
                yield from _script(text.lstrip("- "), line, place, defaults, errexit=True, off=why)


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)


def _tasks(tree: Tree, defaults: Defaults) -> Iterator[Gate]:
    document = tree.toml("pyproject.toml")
    if document is None:
        return
    tables: list[tuple[str, ...]] = list(_TASKS)
    envs = document.table("tool", "hatch", "envs") or {}
    tables += [("tool", "hatch", "envs", name, "scripts") for name in envs]
    for keys in tables:
        for name, task in (document.table(*keys) or {}).items():
            line = document.line(*keys, name)
            place = Place("script", "pyproject.toml", line, name)
            for text in _task_texts(task):
                off = "a leading `-` discards its failure" if text.startswith("- ") else ""
                yield from _script(text.lstrip("- "), line, place, defaults, errexit=True, off=off)


def _task_texts(task: Any) -> list[str]:
    if isinstance(task, str):
        return [task]
    if isinstance(task, list):
        if task and all(isinstance(item, str) for item in task):
            return [item for item in task if " " in item] or [" ".join(task)]
        return [text for item in task for text in _task_texts(item)]
    if isinstance(task, dict):
        keys = ("cmd", "shell", "sequence", "composite")
        return [text for key in keys for text in _task_texts(task.get(key))]
    return []


def _makefile(tree: Tree, path: str, defaults: Defaults) -> list[Gate]:
    """Return the gates of a makefile; of two recipes for a target the last one counts."""
    text = tree.text(path)
    if text is None:
        return []
    lines = text.splitlines()
    env = dict(_variables(lines))
    ignore = _IGNORED.search(text) is not None
    recipes: dict[str, list[Word]] = {}
    target, number = "", 0
    while number < len(lines):
        line, start = lines[number], number
        while line.endswith("\\") and number + 1 < len(lines):
            number += 1
            line += "\n" + lines[number]
        number += 1
        if line[:1] in {"\t", " "}:
            if line.strip() and target:
                recipes[target].append(Word(line.strip(), start + 1))
        elif match := _TARGET.match(line):
            target = match[1].split()[0]
            following = lines[number : number + 1]
            if target not in recipes or (following and following[0][:1] == "\t"):
                recipes[target] = []
    return [
        gate
        for label, commands in recipes.items()
        for word in commands
        for gate in _recipe(
            word.text, word.line, Place("script", path, word.line, label), defaults, env,
            ignore=ignore,
        )
    ]  # fmt: skip


def _recipe(
    recipe: str, line: int, place: Place, defaults: Defaults, env: dict[str, str], *, ignore: bool
) -> Iterator[Gate]:
    marks = re.match(r"[@+\-\s]*", recipe)
    prefix = marks.group() if marks else ""
    off = "a leading `-` makes make ignore its exit status" if "-" in prefix else ""
    off = off or ("`.IGNORE` or `-i` makes make ignore exit statuses" if ignore else "")
    text = recipe[len(prefix) :].replace("$$", "$")
    yield from _script(text, line, place, defaults, errexit=False, off=off, env=env)


def _variables(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line[:1] not in {"\t", " "} and (match := _SET.match(line)):
            yield match[1], match[2].split(" #")[0].strip()
