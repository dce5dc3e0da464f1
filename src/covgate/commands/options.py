"""The options of the commands: those that several share, and the commands beside `check`.

Only what the parser needs: the commands themselves are imported when they are run.
"""

from __future__ import annotations

import argparse


def add_others(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands that are not on the way of a commit."""
    _add_ci(commands)
    _add_parity(commands)
    _add_doctor(commands)
    _add_init(commands)
    _add_outlooks(commands)
    _add_baseline(commands)
    _add_watch(commands)
    _add_completions(commands)


def add_rules(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add what says how a change is judged; returns the group."""
    rules = parser.add_argument_group("how")
    rules.add_argument("--only", metavar="RULE,...", action="append", help="only these rules")
    rules.add_argument("--target", type=float, metavar="PERCENT", help="diff coverage target")
    rules.add_argument("--python", metavar="PATH", help="the project's interpreter")
    return rules


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add what says how the answer is told."""
    output = parser.add_argument_group("output")
    output.add_argument(
        "--format",
        metavar="NAME[:FILE]",
        action="append",
        help="text, json, markdown, github, gitlab, cobertura, sarif, junit, html; or several",
    )
    output.add_argument("-v", "--verbose", action="store_true", help="every test and why it ran")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto")


_CI = """\
Judge what a pull request or a push changes. What HEAD is compared with is found out from the
variables of the CI and from the repository, and always said.

In a CI a shallow clone gets the commits that it lacks (objects only, no ref is written);
elsewhere only with --fetch. When there would be nothing to judge although there are commits,
the answer is "undecided" (exit code 3), never a pass.
"""


def _add_ci(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ci = commands.add_parser(
        "ci",
        help="judge what a pull request or a push changes",
        description=_CI,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_scope(ci)
    ci.add_argument(
        "--bypassed",
        action="store_true",
        help="list the commits that the gate would have blocked, each judged on its own",
    )
    how = add_rules(ci)
    how.add_argument("--full", action="store_true", help="run all tests, not the impacted ones")
    add_output(ci)


def _add_scope(parser: argparse.ArgumentParser) -> None:
    scope = parser.add_argument_group("what is judged")
    scope.add_argument("--base", metavar="REF", help="what to compare HEAD with")
    scope.add_argument(
        "--fetch",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="get missing commits from the remote (default: in a CI)",
    )


_PARITY = """\
Judge what `covgate ci` judges, run the whole suite under plain coverage.py and diff-cover on the
same tree, and compare: failing tests, uncovered changed lines, the coverage of the project, the
verdict. Equal: prints a digest of the verdict. Different: exit code 1, each difference, and the
trace that was reused wrongly. Needs a clean checkout.
"""


def _add_parity(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parity = commands.add_parser(
        "parity",
        help="compare the gate with plain coverage.py and diff-cover on the same tree",
        description=_PARITY,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_scope(parity)
    how = parity.add_argument_group("how")
    how.add_argument(
        "--record-base",
        action="store_true",
        help="record the tests on the base first, so that the gate judges by their traces",
    )
    how.add_argument("--full", action="store_true", help="let the gate run all tests as well")
    how.add_argument("--target", type=float, metavar="PERCENT", help="diff coverage target")
    how.add_argument("--python", metavar="PATH", help="the project's interpreter")
    parity.add_argument("--format", choices=("text", "json"), default="text")
    parity.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    parity.set_defaults(only=None)


_WATCH = """\
Judge what is staged while you work, so that `git commit` finds the answer.

Whenever the index changes, the staged tree is judged as `covgate check` would, in the background
and in a tree of its own; nothing is written to the index, the stash or the working tree. When the
hook asks the same question with nothing changed, it repeats the answer. Give the options that
the hook has. Ctrl-C ends it.
"""


def _add_watch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    watch = commands.add_parser(
        "watch",
        help="judge what is staged ahead of the commit",
        description=_WATCH,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    watch.add_argument("--once", action="store_true", help="judge what is staged now, and end")
    add_rules(watch)
    watch.add_argument("--format", choices=("text", "json"), default="text")
    watch.add_argument("-v", "--verbose", action="store_true", help="every test and why it ran")
    watch.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    watch.set_defaults(receipt=True)


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="find what is wrong with the setup, and the remedy",
        description="Find what is wrong with the setup of covgate here, with the remedy for each. "
        "Exit code 0 when all is fine, 1 when something is wrong.",
    )
    doctor.add_argument("--python", metavar="PATH", help="the project's interpreter")
    doctor.add_argument("--format", choices=("text", "json"), default="text")
    doctor.add_argument("--color", choices=("auto", "always", "never"), default="auto")


def _add_init(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    init = commands.add_parser(
        "init",
        help="set a project up: hooks and settings",
        description="Set a project up: add covgate to .pre-commit-config.yaml or prek.toml, and "
        "[tool.covgate] to pyproject.toml. What is there stays as it is; nothing is done twice.",
    )
    init.add_argument("--dry-run", action="store_true", help="show the changes, make none")
    init.add_argument("--python", metavar="PATH", help="the project's interpreter")


def _add_outlooks(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    plan = commands.add_parser("plan", help="what is missing to the coverage targets")
    plan.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    commands.add_parser("next", help="the one test to write now")
    export = commands.add_parser("export", help="write the coverage as a file for coverage.py")
    export.add_argument("file", nargs="?", default=".coverage", help="(default: .coverage)")
    trend = commands.add_parser("trend", help="coverage from commit to commit")
    trend.add_argument("path", nargs="?", help="of this file or folder")
    trend.add_argument("--component", metavar="NAME", help="of this component")
    trend.add_argument("--commits", type=int, default=60, metavar="N", help="how far back")
    trend.add_argument("--svg", metavar="FILE", help="write the plot there as well")


def _add_baseline(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    baseline = commands.add_parser(
        "baseline",
        help="let be what was silenced without a reason before covgate came",
        description="Record what is silenced without a reason today in .covgate-baseline, or take "
        "out what no longer applies. Made once, the file only ever shrinks; commit it.",
    )
    baseline.add_argument("--dry-run", action="store_true", help="show, write nothing")


SHELLS = ("bash", "zsh", "fish")
_COMPLETIONS = """\
Print what completes the commands and options of covgate in a shell:

  bash   eval "$(covgate completions bash)"             in ~/.bashrc
  zsh    eval "$(covgate completions zsh)"              in ~/.zshrc, after compinit
  fish   covgate completions fish > ~/.config/fish/completions/covgate.fish
"""


def _add_completions(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    completions = commands.add_parser(
        "completions",
        help="print completions for a shell",
        description=_COMPLETIONS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    completions.add_argument("shell", choices=SHELLS)
    # What is completed is read from the parsers themselves, so that nothing can be forgotten.
    completions.set_defaults(commands=commands)
