"""Tells which gates a command is: pytest, coverage, diff-cover, covgate, or a runner of tests."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from covgate.policy.command_options import list_of, value_of, values_of
from covgate.policy.gate import GATE_NAME, UNKNOWN, Gate, Place
from covgate.policy.hook_runner import hook_runner, stopped_clock
from covgate.policy.option import Word
from covgate.policy.pytest_args import PytestArgs, parse_args, percent
from covgate.policy.shell import Command, commands_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_INTERPRETER = re.compile(r"(?:.*/)?(?:python|pypy|py)[\d.]*(?:\.exe)?|\$\(?\{?(?:PYTHON|PY)\}?\)?")
_SHELL = re.compile(r"(?:.*/)?(?:ba|z|da|k)?sh(?:\.exe)?")
_PREFIXES = {
    "sudo", "time", "nice", "exec", "command", "env", "eval", "stdbuf", "ionice", "xvfb-run",
    "uvx", "chronic", "unbuffer", "catchsegv", "then", "do", "@", "ddtrace-run", "dotenv", "--",
}  # fmt: skip
_RUNNERS = {
    "uv",
    "poetry",
    "pdm",
    "hatch",
    "pipenv",
    "rye",
    "pipx",
    "conda",
    "mamba",
    "micromamba",
    "pixi",
}
_CONTAINERS = {
    "docker",
    "docker-compose",
    "podman",
    "nix",
    "nix-shell",
    "kubectl",
    "retry",
    "script",
}
_TASK_NAME = re.compile(
    r"(?:^|[-_:./])(?:tests?|unit|check|ci|cov|coverage|verify|qa)(?:$|[-_:./\d])"
)
_NEVER_FAILS = {
    "--exit-zero", "--warn-only", "--no-fail", "--soft-fail", "--soft", "--allow-failure",
    "--dry-run", "--no-error", "--ignore-errors", "--suppress-tests-failed-exit-code",
    "--suppress-no-test-exit-code", "--exit-0", "--help", "--version",
}  # fmt: skip
_TASK_RUNNERS = {"make", "gmake", "just", "task", "invoke", "inv", "poe", "hatch"}
_NOT_GATES = {"test", "coverage-badge", "coverage_badge", "pytest-watch", "name-tests-test"}
_UNIT_RUNNERS = {"unittest", "nose2", "nosetests", "trial", "stestr", "ward", "twisted.trial"}


class Defaults(NamedTuple):
    """What commands inherit from configuration files: thresholds and pytest's `addopts`."""

    fail_under: float = 0.0
    diff_fail_under: float = 0.0
    args: PytestArgs = PytestArgs()
    pytest_args: Callable[[str], PytestArgs] | None = None  # `addopts` of a file given by -c
    covgate_target: float = 100.0


def gates_of(command: Command, place: Place, defaults: Defaults, off: str = "") -> list[Gate]:
    """Return the gates that a command is (none for most); `off` is why nothing there can block."""
    command = _with_own_env(command)
    words = _unwrapped(list(command.words))
    place = place._replace(line=words[0].line if words else place.line)
    if not words:
        return []
    if inner := _inner_script(words):
        flags, script = inner
        found = commands_of(script.text, script.line, errexit="e" in flags, env=command.env)
        return [
            g
            for c in found
            for g in gates_of(c._replace(lost=command.lost or c.lost), place, defaults, off)
        ]
    why = off or command.lost
    line = place.line
    never = next((w for w in words if w.text in _NEVER_FAILS), None)
    if not why and never:
        why, line = f"`{never.text}` lets it pass", never.line
    gates = _recognised(words, place, defaults, command)
    runner = _program(command.words[0].text)
    if runner in _RUNNERS and all(gate.kind == "other" for gate in gates):
        gates = _runner_task(runner, words[0], place)
    return [gate._replace(off=gate.off or why, off_line=line) for gate in gates]


def _runner_task(runner: str, word: Word, place: Place) -> list[Gate]:
    """`hatch run cov` is a task of the project's, or a program that is not known."""
    name = _program(word.text)
    if not _TASK_NAME.search(name) and not GATE_NAME.search(name):
        return []
    return [Gate("other", f"{runner} {name}", place)]


def _with_own_env(command: Command) -> Command:
    """Take in what stands in front of the program: `env NAME=value pytest`."""
    own = {}
    for word in command.words:
        name, equals, value = word.text.partition("=")
        if equals and name.isidentifier():
            own[name] = value
        elif word.text != "env":
            break
    return command._replace(env={**command.env, **own}) if own else command


def _inner_script(words: list[Word]) -> tuple[str, Word] | None:
    """Return the flags and the script of `bash -c "..."`."""
    if not _SHELL.fullmatch(words[0].text):
        return None
    flags = ""
    for word, following in pairwise(words[1:]):
        if not word.text.startswith("-"):
            break
        flags += word.text
        if word.text.endswith("c") and not word.text.startswith("--"):
            return flags, following
    return None


def _unwrapped(words: list[Word]) -> list[Word]:
    """Remove what only starts the real program: `uv run`, `timeout 60`, `python -m`, ..."""
    while words:
        name = _program(words[0].text)
        if name in _PREFIXES or "=" in name.partition("/")[0]:
            words = _after_options(words[1:])
        elif name in {"timeout", "gtimeout"}:
            words = _after_options(words[1:])[1:]
        elif name in _RUNNERS and any(w.text in {"run", "exec"} for w in words[1:4]):
            start = next(i for i, w in enumerate(words) if w.text in {"run", "exec"})
            words = _after_options(words[start + 1 :])
        elif _INTERPRETER.fullmatch(words[0].text) and len(words) > 1:
            rest = words[1:]
            while rest and rest[0].text.startswith("-") and rest[0].text != "-m":
                rest = rest[2:] if rest[0].text in {"-W", "-X"} else rest[1:]
            words = rest[1:] if rest and rest[0].text == "-m" else rest
        elif name in _CONTAINERS:
            at = next((i for i, w in enumerate(words) if GATE_NAME.search(w.text)), None)
            return words[at:] if at else []
        else:
            break
    return words


def _after_options(words: list[Word]) -> list[Word]:
    """Skip options, and the value of those that commonly have one."""
    valued = {
        "-n",
        "-u",
        "--with",
        "--extra",
        "--group",
        "--python",
        "-p",
        "-e",
        "--env",
        "--only-group",
        "--package",
        "--directory",
        "-k",
        "-s",
        "--signal",
        "--from",
        "--spec",
    }
    while words and words[0].text.startswith("-") and words[0].text != "--":
        words = words[2:] if words[0].text in valued else words[1:]
    return words[1:] if words and words[0].text == "--" else words


def _program(text: str) -> str:
    return text.replace("\\", "/").rpartition("/")[2].removesuffix(".exe").lstrip("@-+")


def _recognised(
    words: list[Word], place: Place, defaults: Defaults, command: Command
) -> list[Gate]:
    name = _program(words[0].text)
    rest = words[1:]
    if name in {"pytest", "py.test"}:
        return _pytest(rest, place, defaults, command)
    if name in {"coverage", "coverage3"}:
        return _coverage(rest, place, defaults, command)
    if name in {"pre-commit", "prek", "pre_commit"}:
        return hook_runner(name, rest, place, command)
    gate: Gate | None = None
    if name in {"diff-cover", "diff_cover", "diff_cover.diff_cover_tool"}:
        gate = _diff_cover(rest, place, defaults)
    elif name == "covgate":
        gate = _covgate(rest, place, defaults, command)
    elif name in {"tox", "nox"}:
        gate = _environments(name, rest, place)
    elif name in _TASK_RUNNERS:
        gate = _task(name, rest, place)
    elif name in _UNIT_RUNNERS or (name.endswith("manage.py") and _first(rest) == "test"):
        gate = Gate("tests", name, place)
    elif name not in _NOT_GATES and GATE_NAME.search(name):
        gate = _other(name, rest, place)
    return [gate] if gate else []


def _environments(name: str, rest: Sequence[Word], place: Place) -> Gate | None:
    if any(w.text in {"-l", "--list", "--listenvs", "-n", "--notest", "--version"} for w in rest):
        return None
    chosen = [w.text for option in ("-e", "-s", "--session") for w in values_of(rest, option)]
    envs = frozenset(env for text in chosen for env in text.split(","))
    return Gate("tests", name, place, envs=envs)


def _pytest(rest: Sequence[Word], place: Place, defaults: Defaults, command: Command) -> list[Gate]:
    line = command.env_lines.get("PYTEST_ADDOPTS", place.line)
    extra = [Word(text, line) for text in command.env.get("PYTEST_ADDOPTS", "").split()]
    own = parse_args([*extra, *rest])
    inherited = defaults.args
    if own.config_file and defaults.pytest_args:
        inherited = defaults.pytest_args(own.config_file.text)
    args = parse_args([*extra, *rest], inherited)
    rcfile = command.env.get("COVERAGE_RCFILE")
    if rcfile and args.cov_config is None:
        word = Word(rcfile, command.env_lines.get("COVERAGE_RCFILE", place.line))
        args = replace(args, cov_config=word)
    off = f"`{args.collect_only.text}` runs no test" if args.collect_only else ""
    gates = [Gate("tests", "pytest", place, args=args, off=off)]
    if args.measures:
        strength, explicit = _threshold(args.fail_under, defaults.fail_under)
        explicit = explicit and own.fail_under is not None
        gates.append(
            Gate(
                "total",
                "pytest --cov",
                place,
                strength,
                args=args,
                explicit=explicit,
                off=off,
                strength_line=args.fail_under.line if explicit and args.fail_under else 0,
            )
        )
    return gates


def _threshold(word: Word | None, default: float) -> tuple[float, bool]:
    if word is None:
        return default, False
    value = percent(word)
    return (UNKNOWN if value is None else value), True


def _coverage(
    rest: Sequence[Word], place: Place, defaults: Defaults, command: Command
) -> list[Gate]:
    action = _first(rest)
    if action == "run":
        inner = list(rest[1:])
        while inner and inner[0].text.startswith("-") and inner[0].text != "-m":
            valued = inner[0].text in {"--source", "--omit", "--include", "--rcfile", "--context"}
            inner = inner[2:] if valued else inner[1:]
        inner = inner[1:] if inner and inner[0].text == "-m" else inner
        return _recognised(inner, place, defaults, command) if inner else []
    if action not in {"report", "xml", "html", "json", "lcov"}:
        return []
    word = value_of(rest, "--fail-under")
    strength, explicit = _threshold(word, defaults.fail_under)
    if not strength and not explicit:
        return []
    line = word.line if word else 0
    return [
        Gate("total", f"coverage {action}", place, strength, explicit=explicit, strength_line=line)
    ]


def _diff_cover(rest: Sequence[Word], place: Place, defaults: Defaults) -> Gate:
    word = value_of(rest, "--fail-under")
    strength, explicit = _threshold(word, defaults.diff_fail_under)
    branch = value_of(rest, "--compare-branch")
    off = ""
    if branch and re.fullmatch(r"HEAD(?:[~^@].*)?", branch.text):
        off = f"`--compare-branch {branch.text}` leaves out the commits of the change"
    minimum = value_of(rest, "--minimum-change")
    gate = Gate("diff", "diff-cover", place, strength, percent(minimum) or 0.0, explicit=explicit)
    left_out = [f"!{word.text}" for word in list_of(rest, "--exclude")]
    kept = [word.text for word in list_of(rest, "--include")]
    return gate._replace(
        off=off,
        strength_line=word.line if word else 0,
        slack_line=minimum.line if minimum else 0,
        envs=frozenset([*left_out, *kept]),
    )


def _covgate(
    rest: Sequence[Word], place: Place, defaults: Defaults, command: Command
) -> Gate | None:
    action = _first(rest) or "check"
    if action not in {"check", "ci", "parity"}:
        return None
    only = [w.text for w in values_of(rest, "--only")]
    rules = frozenset(rule for text in only for rule in text.split(",") if rule)
    target = value_of(rest, "--target")
    demanded = percent(target) if target else None
    slack = 0.0 if demanded is None else max(0.0, defaults.covgate_target - demanded)
    gate = Gate("covgate", f"covgate {action}", place, 0.0, slack, rules=rules or None)
    return gate._replace(slack_line=target.line if target else 0, off=stopped_clock(command))


def _task(name: str, rest: Sequence[Word], place: Place) -> Gate | None:
    tasks = [w.text for w in rest if not w.text.startswith("-") and _TASK_NAME.search(w.text)]
    if not tasks:
        return None
    off = next((w.text for w in rest if w.text in {"-i", "--ignore-errors", "-n", "-k"}), "")
    why = f"`{off}` ignores failures" if off and off != "-k" and name in {"make", "gmake"} else ""
    return Gate("other", f"{name} {' '.join(tasks)}", place, off=why)


def _other(name: str, rest: Sequence[Word], place: Place) -> Gate:
    word = (
        value_of(rest, "--fail-under") or value_of(rest, "--threshold") or value_of(rest, "--min")
    )
    return Gate("other", name, place, percent(word) or 0.0, strength_line=word.line if word else 0)


def _first(words: Sequence[Word]) -> str:
    return words[0].text if words else ""
