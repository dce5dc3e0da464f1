"""`covgate ci`: judge what a pull request or a push changes, compared with what it should be."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from covgate.change.ci_base import resolve_base
from covgate.change.ci_event import read_event
from covgate.change.ci_history import History
from covgate.change.reading import Request
from covgate.commands.check import answer_to, question_of
from covgate.gate.judging import judge
from covgate.git.repository import discover
from covgate.report.formats import emit, parse_specs, render
from covgate.report.style import style_for

if TYPE_CHECKING:
    import argparse

    from covgate.change.ci_base import Comparison
    from covgate.gate.question import Question
    from covgate.report.answer import Answer

_SUMMARY = "GITHUB_STEP_SUMMARY"


def run(options: argparse.Namespace) -> int:
    """Find the base, judge, report, and return the exit code."""
    if options.bypassed:
        from covgate.commands.bypassed import list_bypassed

        return list_bypassed(options)
    formats = parse_specs(options.format or [])
    style = style_for(sys.stdout, os.environ, options.color, verbose=options.verbose)
    question = question_of(options, Request(), style, run_all=options.full)

    def ask() -> Answer:
        found = find_comparison(options, question)
        answer = judge(question._replace(request=Request(found.base, "HEAD"), stage="ci"))
        span = f"{found.base[:12]}...HEAD" if found.base else "everything up to HEAD"
        return replace(answer, why_mode=span, notes=(found.why, *answer.notes))

    answer, code = answer_to(ask)
    emit(answer, formats, sys.stdout, style)
    if not options.format and (summary := os.environ.get(_SUMMARY)):
        _add_to_summary(summary, render("markdown", answer))
    return code


def find_comparison(
    options: argparse.Namespace, question: Question, *, each_commit: bool = False
) -> Comparison:
    """Return what HEAD is compared with; raises `UndecidedError` when that can't be found out.

    With `each_commit` also every commit since then, and its parents, are in the clone afterwards.
    """
    event = read_event(question.env)
    may_fetch = bool(event.service) if options.fetch is None else options.fetch
    repo = discover(question.folder, question.env)
    found = resolve_base(repo, event, options.base, may_fetch)
    if each_commit:
        History(repo, may_fetch, event.remedy).complete_since(found.base)
    return found


def _add_to_summary(file: str, text: str) -> None:
    """Add to the summary of the step, after what others wrote; it changes no verdict."""
    try:
        with open(file, "a", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        print(f"covgate: cannot write {_SUMMARY} ({error})", file=sys.stderr)
