"""`covgate parity`: does the way without covgate say the same of this tree?"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from covgate.change.reading import Request
from covgate.commands.check import question_of
from covgate.commands.ci import find_comparison
from covgate.errors import BLOCK, PASS, CovgateError
from covgate.gate.judging import judged
from covgate.gate.parity import RULES, compare
from covgate.report.parity import json_text, text
from covgate.report.style import style_for

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Judge, run the plain way, compare, report; returns 1 when they differ."""
    style = style_for(sys.stdout, os.environ, options.color)
    question = question_of(options, Request(), style, run_all=options.full)
    question = question._replace(only=RULES, whole_project=True)
    try:
        found = find_comparison(options, question)
        question = question._replace(request=Request(found.base, "HEAD"), stage="ci")
        if options.record_base:
            from covgate.gate.recording import record_base

            recorded = record_base(question)
            if recorded is not None and recorded.problem:
                print(f"covgate: the base is not recorded: {recorded.problem}", file=sys.stderr)
        with judged(question) as judgement:
            parity = compare(judgement)
    except CovgateError as error:
        if options.format != "json":
            raise
        print(json.dumps({"equal": None, "error": error.message, "help": error.help}, indent=2))
        return error.exit_code
    is_json = options.format == "json"
    said = json_text(parity, found.why) if is_json else text(parity, found.why, style)
    sys.stdout.write(said)
    return PASS if parity.equal else BLOCK
