"""`covgate check`: judge the change at hand."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.change.reading import Request, request_of
from covgate.config.reading import SettingsError
from covgate.errors import BLOCK, PASS, UNDECIDED, CovgateError, UsageError
from covgate.gate.judging import judge
from covgate.gate.question import Question, started
from covgate.gate.ruling import RULES
from covgate.report.answer import UNDECIDED_RULE, USAGE_RULE, Answer
from covgate.report.formats import emit, parse_specs
from covgate.report.style import style_for
from covgate.report.timing import table
from covgate.report.wording import VERDICTS
from covgate.rules.finding import Finding

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from covgate.config.model import Settings
    from covgate.config.reading import Told
    from covgate.report.formats import FormatSpec
    from covgate.report.style import Style


def run(options: argparse.Namespace) -> int:
    """Judge, report in the formats asked for, and return the exit code."""
    formats = parse_specs(options.format or [])
    style = style_for(sys.stdout, os.environ, options.color, verbose=options.verbose)
    if options.pre_push is not None:
        return _run_pushed(options, formats, style)
    request = request_of(options.from_ref, options.to_ref, everything=options.all, env=os.environ)
    question = question_of(options, request, style, run_all=options.all or options.run_all)
    watch = started()
    question = question._replace(watch=watch)
    answer, code = answer_to(lambda: judge(question))
    emit(answer, formats, sys.stdout, style)
    if options.timing:
        watch.lap("answer")
        # A document on standard output must stay alone.
        is_text = any(one.name == "text" and one.file is None for one in formats)
        (sys.stdout if is_text else sys.stderr).write(table(watch.spent))
    return code


def _run_pushed(options: argparse.Namespace, formats: Sequence[FormatSpec], style: Style) -> int:
    """Judge each ref that git is about to push; the worst answer is told, and names the others."""
    from covgate.change.pushed import read_pushed
    from covgate.git.repository import discover

    question = question_of(options, Request(), style, run_all=options.run_all)
    repo = discover(question.folder, question.env)
    pushed = read_pushed(repo, sys.stdin, next(iter(options.pre_push), ""))
    if not pushed:
        print("covgate: passed - nothing is pushed but deletions")
        return PASS
    judged = []
    for ref, request in pushed:
        asked = question._replace(request=request, stage="pre-push")
        judged.append((ref, *answer_to(partial(judge, asked))))
    ref, answer, code = max(judged, key=lambda one: (one[1].verdict == "block", one[2]))
    others = tuple(f"{name} {VERDICTS[one.verdict]}" for name, one, _ in judged if name != ref)
    if others:
        note = f"this is of {ref}; of the same push: {', '.join(others)}"
        answer = replace(answer, notes=(note, *answer.notes))
    emit(answer, formats, sys.stdout, style)
    return code


def question_of(
    options: argparse.Namespace, request: Request, style: Style, *, run_all: bool
) -> Question:
    """Return the question that the options of the command line ask about `request`."""

    def adjust(settings: Settings) -> Settings:
        if options.python:
            settings = replace(settings, python=options.python)
        if options.target is not None:
            coverage = replace(settings.diff_coverage, target=options.target)
            settings = replace(settings, diff_coverage=coverage)
        return settings

    env = dict(os.environ)
    if options.python:
        env.pop("COVGATE_PYTHON", None)  # what is typed goes before what is set
    return Question(
        folder=here(),
        env=env,
        request=request,
        only=_rules(options.only),
        run_all=run_all,
        color=style.color,
        adjust=adjust,
        receipts=_may_use_receipts(options, env),
        verify=getattr(options, "verify", False),
        whole_files=any(text.startswith("html") for text in options.format or ()),
    )


def _may_use_receipts(options: argparse.Namespace, env: Mapping[str, str]) -> bool:
    """Whether an earlier pass may answer: where nobody asked for a run, and never in CI's gate."""
    fresh = getattr(options, "run_all", False) or getattr(options, "verify", False)
    asked = getattr(options, "receipt", False) and not fresh
    return asked and not env.get("COVGATE_NO_RECEIPT")


def answer_to(ask: Callable[[], Answer]) -> tuple[Answer, int]:
    """Return the answer and the exit code; an error of the user or of history is an answer too."""
    try:
        answer = ask()
    except CovgateError as error:
        return _no_answer(error), error.exit_code
    if answer.verdict == "undecided":
        # Only where the settings say so does it let the change go on; it is no pass all the same.
        stops = any(one.severity == "error" for one in answer.findings)
        return answer, UNDECIDED if stops else PASS
    return answer, BLOCK if answer.verdict == "block" else PASS


def here() -> Path:
    """Return the current folder; raises `UsageError` when it is gone."""
    try:
        return Path.cwd()
    except OSError:
        raise UsageError(
            "the current folder does not exist any more", "go to the repository, and run it there"
        ) from None


def _rules(only: list[str] | None) -> frozenset[str] | None:
    if not only:
        return None
    names = [name.strip() for text in only for name in text.split(",") if name.strip()]
    unknown = sorted(set(names) - set(RULES))
    if unknown:
        raise UsageError(
            f"there is no rule {', '.join(unknown)}", f"the rules are: {', '.join(RULES)}"
        )
    return frozenset(names)


def _no_answer(error: CovgateError) -> Answer:
    rule = UNDECIDED_RULE if error.exit_code == UNDECIDED else USAGE_RULE
    findings: tuple[Finding, ...] = (Finding(rule, error.message, help=error.help),)
    if isinstance(error, SettingsError):
        *most, last = (_mistake(one) for one in error.told)
        findings = (*most, last._replace(help=error.help))
    return Answer("undecided", "", "", "", "", findings, output=error.output)


def _mistake(told: Told) -> Finding:
    """Return a mistake in the settings at its place, where it has one."""
    if not told.file or not told.line:
        return Finding(USAGE_RULE, told.text)
    text = told.text.removeprefix(f"{told.file}:{told.line}").removeprefix(":").lstrip()
    return Finding(USAGE_RULE, text, told.file, told.line)
