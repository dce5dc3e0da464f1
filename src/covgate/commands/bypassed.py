"""`covgate ci --bypassed`: the commits of a range that the gate would not have let through.

A commit that is made past the gate (`--no-verify`, a rebase, a web editor) leaves no trace, so each
commit is judged on its own, compared with its parents. Receipts of this clone spare that: what has
passed with the same tree and parents has not evaded anything.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.reading import Request
from covgate.commands.check import answer_to, question_of
from covgate.commands.ci import find_comparison
from covgate.errors import BLOCK, PASS, UNDECIDED, UsageError
from covgate.gate.judging import judge
from covgate.gate.receipts import passes
from covgate.git.repository import discover, resolve
from covgate.report.escaping import one_line
from covgate.report.formats import parse_specs
from covgate.report.style import style_for
from covgate.report.wording import headline, moment

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from covgate.gate.question import Question
    from covgate.git.repository import Repository
    from covgate.report.style import Style


class Judged(NamedTuple):
    """A commit of the range: its verdict, and the moment of the receipt that says so."""

    commit: str
    subject: str
    verdict: str
    reason: str
    receipt: str | None


def list_bypassed(options: argparse.Namespace) -> int:
    """List the commits; returns 1 when one would be blocked, 3 when one can't be decided."""
    specs = parse_specs(options.format or [])
    if any(spec.name not in ("text", "json") or spec.file for spec in specs) or len(specs) > 1:
        raise UsageError("--bypassed is told as text or as JSON", "--format text or --format json")
    style = style_for(sys.stdout, os.environ, options.color, verbose=options.verbose)
    question = question_of(options, Request(), style, run_all=options.full)
    found = find_comparison(options, question, each_commit=True)
    repo = discover(question.folder, question.env)
    known = _receipts(repo) if question.only is None else {}
    judged = [_judged(repo, question, commit, known) for commit in _commits(repo, found.base)]
    if specs[0].name == "json":
        said = {"compared": found.why, "commits": [one._asdict() for one in judged]}
        print(json.dumps(said, indent=2))
    else:
        print(_text(judged, found.why, style), end="")
    verdicts = {one.verdict for one in judged}
    return BLOCK if "block" in verdicts else UNDECIDED if "undecided" in verdicts else PASS


def _commits(repo: Repository, base: str | None) -> list[str]:
    span = ["HEAD"] if base is None else [f"{base}..HEAD"]
    return os.fsdecode(repo.git.run("rev-list", "--reverse", "--topo-order", *span)).split()


def _receipts(repo: Repository) -> Mapping[tuple[str, tuple[str, ...]], str]:
    """Return when all rules passed, by tree and the trees that it was compared with."""
    return {(one.tree, one.bases): one.at for one in passes(repo) if one.in_full}


def _judged(
    repo: Repository,
    question: Question,
    commit: str,
    known: Mapping[tuple[str, tuple[str, ...]], str],
) -> Judged:
    words = os.fsdecode(repo.git.run("log", "-1", "--format=%P%x00%T%x00%s", commit))
    parents, tree, subject = words.rstrip("\n").split("\0")
    trees = [found.tree for name in parents.split() if (found := resolve(repo.git, name))]
    if at := known.get((tree, tuple(trees))):
        return Judged(commit, subject, "pass", "", at)
    answer, _ = answer_to(lambda: judge(question._replace(request=Request(commit=commit))))
    return Judged(commit, subject, answer.verdict, headline(answer).reason, None)


def _text(judged: list[Judged], compared: str, style: Style) -> str:
    bad = [one for one in judged if one.verdict != "pass"]
    commits = "1 commit" if len(judged) == 1 else f"{len(judged)} commits"
    passed = [one for one in judged if one.verdict == "pass"]
    receipts = sum(one.receipt is not None for one in passed)
    how = f"{receipts} by a receipt of this clone, {len(passed) - receipts} judged now"
    lines = [
        f"covgate: {len(bad)} of {commits} did not pass the gate",
        *(f"  {one.commit[:12]} {one.subject}: {one.verdict} - {one.reason}" for one in bad),
        f"{len(passed)} passed: {how}, each on its own",
        f"note: {compared}",
    ]
    if style.verbose:
        lines += [
            f"  {one.commit[:12]} {one.subject}: passed"
            + (f" {moment(one.receipt)}" if one.receipt else "")
            for one in passed
        ]
    return "\n".join(one_line(line, unicode=style.unicode) for line in lines) + "\n"
