"""The command line: what can be asked, and what happens to errors."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from covgate import __version__
from covgate.commands.options import add_others, add_output, add_rules
from covgate.errors import UNDECIDED, CovgateError

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTERRUPTED = 130
OBJECTS_BETWEEN_COLLECTIONS = 100_000

_EXAMPLES = """\
examples:
  covgate check                          judge what is staged (in a hook: what is being committed)
  covgate check --only diff-coverage     one rule
  covgate check --from-ref main          this branch, and what is staged, against main
  covgate check --all                    the whole project
  covgate ci                             in CI: what the pull request or the push changes
  covgate init --dry-run                 show what setting this project up would write
  covgate doctor                         find what is wrong with the setup
  covgate demo                           see it work on a small sample repository

exit codes: 0 passed, 1 blocked, 2 wrong usage or configuration, 3 covgate could not decide
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(argv)
    command = importlib.import_module(f"covgate.commands.{options.command}")
    try:
        return int(command.run(options))
    except CovgateError as error:
        _say(error.message, error.help)
        return error.exit_code
    except KeyboardInterrupt:
        _say("interrupted; nothing was judged", "")
        return _INTERRUPTED
    except BrokenPipeError:
        return UNDECIDED
    except Exception as error:  # noqa: BLE001 - a defect of ours must never let a commit pass
        return _defect(error)


def run() -> None:
    """Run the command as a program: signals end it in order, and closed streams are no error."""
    _open_streams()
    # What a command makes lives to its end: to look for garbage in it is a tenth of its time.
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # `nohup` starts us with a signal ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    code = main()
    try:
        sys.stdout.flush()
    except OSError:
        # Nobody reads the answer; Python would complain about it again on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = code or UNDECIDED
    raise SystemExit(code)


def _open_streams() -> None:
    """Give the answer a place to go when the caller closed the standard streams."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - as long as we live


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _say(message: str, remedy: str) -> None:
    sys.stdout.flush()
    print(f"covgate: {message}", file=sys.stderr)
    if remedy:
        print(f"  help: {remedy}", file=sys.stderr)


def _defect(error: Exception) -> int:
    """Report an error of covgate itself, ready to be pasted into an issue; never a pass."""
    import platform
    import traceback

    _say(f"could not decide because of a defect in covgate: {error!r}", "please report this:")
    print(
        f"    covgate {__version__}, Python {platform.python_version()}, {platform.platform()}",
        file=sys.stderr,
    )
    for frame in traceback.extract_tb(error.__traceback__)[-6:]:
        print(f"    {frame.filename}:{frame.lineno} in {frame.name}", file=sys.stderr)
    return UNDECIDED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="covgate",
        description="The commit gate: impacted tests, diff coverage, skips that say why.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"covgate {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_check(commands)
    _add_record(commands)
    demo = commands.add_parser("demo", help="show the gate at work on a small sample repository")
    demo.add_argument("--keep", action="store_true", help="keep the sample repository")
    add_others(commands)
    return parser


def _add_record(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    record = commands.add_parser("record", help="run what has no evidence, and keep what it shows")
    record.add_argument("--afresh", action="store_true", help="record every test again")
    record.add_argument("--background", action="store_true", help="return at once")
    record.add_argument("--python", metavar="PATH", help="the project's interpreter")
    status = commands.add_parser("status", help="how much of the suite has evidence that holds")
    status.add_argument("--python", metavar="PATH", help="the project's interpreter")
    explain = commands.add_parser("explain", help="a test, a file or line, or a rule")
    explain.add_argument("thing", metavar="TEST|FILE[:LINE]|RULE")
    explain.add_argument("--python", metavar="PATH", help="the project's interpreter")


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser(
        "check",
        help="judge the change at hand",
        description="Judge the change at hand; without arguments covgate finds out what that is.",
    )
    scope = check.add_argument_group("what is judged")
    scope.add_argument("--all", action="store_true", help="the whole project")
    scope.add_argument("--from-ref", metavar="REF", help="where the changes start")
    scope.add_argument("--to-ref", metavar="REF", help="where they end (default: the index)")
    scope.add_argument(
        "--pre-push",
        nargs="*",
        metavar="REMOTE",
        help='what git pushes; for a pre-push hook: covgate check --pre-push "$@"',
    )
    how = add_rules(check)
    how.add_argument("--run-all", action="store_true", help="run all tests, not the impacted ones")
    how.add_argument(
        "--no-receipt",
        dest="receipt",
        action="store_false",
        help="judge again what is known to have passed",
    )
    how.add_argument(
        "--verify", action="store_true", help="compare with the whole suite afterwards"
    )
    add_output(check)
    check.add_argument(
        "--timing", action="store_true", help="where the time went, phase by phase, at the end"
    )
