"""`covgate check`: judge the change at hand."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.change.reading import request_of
from covgate.errors import BLOCK, PASS, UNDECIDED, CovgateError, UsageError
from covgate.gate.judging import Question, judge
from covgate.gate.ruling import RULES
from covgate.report.answer import Answer
from covgate.report.formats import emit, parse_specs
from covgate.report.style import style_for
from covgate.rules.finding import Finding

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from covgate.change.reading import Request
    from covgate.config.model import Settings
    from covgate.report.style import Style


def run(options: argparse.Namespace) -> int:
    """Judge, report in the formats asked for, and return the exit code."""
    formats = parse_specs(options.format or [])
    style = style_for(sys.stdout, os.environ, options.color, verbose=options.verbose)
    request = request_of(options.from_ref, options.to_ref, everything=options.all, env=os.environ)
    question = question_of(options, request, style, run_all=options.all or options.run_all)
    answer, code = answer_to(lambda: judge(question))
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
        verify=getattr(options, "verify", False),
        whole_files=any(text.startswith("html") for text in options.format or ()),
    )


def answer_to(ask: Callable[[], Answer]) -> tuple[Answer, int]:
    """Return the answer and the exit code; an error of the user or of history is an answer too."""
    try:
        answer = ask()
    except CovgateError as error:
        return _no_answer(error), error.exit_code
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
    rule = "undecided" if error.exit_code == UNDECIDED else "usage"
    finding = Finding(rule, error.message, help=error.help)
    return Answer("undecided", "", "", "", "", (finding,), output=error.output)
