"""Completions hold every command and option, and bash really completes with them."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from covgate import cli
from covgate.commands.completions import bash, fish, read_commands, zsh
from covgate.commands.options import SHELLS
from covgate.gate.ruling import RULES
from covgate.report.formats import FORMATS

if TYPE_CHECKING:
    from conftest import Project

RENDERERS = {"bash": bash, "zsh": zsh, "fish": fish}


def subparsers() -> argparse._SubParsersAction[argparse.ArgumentParser]:
    """The commands of the real parser."""
    actions = cli._parser()._actions
    return next(one for one in actions if isinstance(one, argparse._SubParsersAction))


ALL = [
    (name, flag)
    for name, parser in subparsers().choices.items()
    for action in parser._actions
    for flag in action.option_strings
]


@pytest.mark.parametrize("shell", SHELLS)
def test_prints_the_completions(project: Project, shell: str) -> None:
    answer = project.covgate("completions", shell)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == RENDERERS[shell](read_commands(subparsers()))
    assert answer.out.endswith("\n")
    assert answer.out.isascii()


def test_an_unknown_shell_is_a_usage_error(project: Project) -> None:
    answer = project.covgate("completions", "tcsh")
    assert answer.code == 2
    assert "bash" in answer.err


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_in(shell: str) -> None:
    text = RENDERERS[shell](read_commands(subparsers()))
    for name, flag in ALL:
        if shell == "fish":
            word = f"-l {flag[2:]} " if flag.startswith("--") else f"-s {flag[1:]} "
            lines = [line for line in text.splitlines() if f"from {name}'" in line]
            assert any(word in f"{line} " for line in lines), (name, flag)
        else:
            part = text[text.index(f"        {name}) ") :].partition(";;")[0]
            assert flag in part, (name, flag)
    for action in cli._parser()._actions:
        for flag in action.option_strings:
            assert flag in text or f"{'-l' if flag[2:] else '-s'} {flag.lstrip('-')} " in text


@pytest.mark.parametrize("shell", SHELLS)
def test_apostrophes_of_help_texts_do_not_end_a_word(shell: str) -> None:
    text = RENDERERS[shell](read_commands(subparsers()))
    text = text.replace("'\\''", "") if shell != "fish" else text.replace("\\'", "")
    for line in text.splitlines():
        assert line.count("'") % 2 == 0, line


def complete(*words: str, cwd: str = ".") -> list[str]:
    """What bash offers for the last word."""
    program = shutil.which("bash")
    assert program is not None
    script = bash(read_commands(subparsers())) + (
        'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _covgate; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [program, "--norc", "-c", script, "bash", "covgate", *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=cwd,
    )
    assert done.stderr == ""
    return done.stdout.split()


COMMANDS = [*subparsers().choices, "-h", "--help", "--version"]
CASES = [
    ("commands", [""], COMMANDS),
    ("a-command", ["doc"], ["doctor"]),
    ("an-option", ["check", "--fr"], ["--from-ref"]),
    ("only-of-the-command", ["doctor", "--fr"], []),
    ("after-other-options", ["ci", "--full", "--ba"], ["--base"]),
    ("the-negation", ["ci", "--no"], ["--no-fetch"]),
    ("choices", ["check", "--color", ""], ["auto", "always", "never"]),
    ("choices-after-an-equals-sign", ["check", "--color", "=", "al"], ["always"]),
    ("at-an-equals-sign", ["check", "--color", "="], ["auto", "always", "never"]),
    ("formats", ["check", "--format", ""], list(FORMATS)),
    ("rules", ["ci", "--only", ""], list(RULES)),
    ("arguments", ["completions", "z"], ["zsh"]),
    ("a-number", ["check", "--target", ""], []),
]


@pytest.mark.parametrize(
    ("words", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_bash_completes(words: list[str], expected: list[str]) -> None:
    assert sorted(complete(*words)) == sorted(expected)


def test_bash_completes_files_and_refs(project: Project) -> None:
    project.git("branch", "work")
    place = str(project.root)
    assert complete("check", "--python", "test_", cwd=place) == ["test_m.py"]
    assert sorted(complete("check", "--from-ref", "", cwd=place)) == ["main", "work"]
