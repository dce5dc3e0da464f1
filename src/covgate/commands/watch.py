"""`covgate watch`: judge what is staged ahead of the commit, which then finds the answer.

Each judgement is a process of its own: it can be ended when something else is staged, and it runs
the covgate that is installed then.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from covgate.change.reading import Request
from covgate.change.staged import AT_WORK, Staged, occupied, read_staged, signs
from covgate.commands.check import answer_to, here, question_of
from covgate.errors import PASS, CovgateError, UsageError
from covgate.gate.judging import judged
from covgate.git.repository import discover
from covgate.report.style import style_for
from covgate.run.drive import dies_with_parent

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from covgate.change.staged import Signs
    from covgate.git.repository import Repository
    from covgate.report.answer import Answer
    from covgate.report.style import Style

_INTERRUPTED = 130
_TICK_S = 0.4
# Several `git add` in a row are one change.
_QUIET_S = 0.5
# A lock that is older was left by a git that died.
_LOCKED_S = 10.0
_GRACE_S = 10.0
_NICE = 10


def run(options: argparse.Namespace) -> int:
    """Watch until interrupted; with --once judge once and return the exit code of `check`."""
    if os.environ.get("COVGATE_NO_RECEIPT"):
        raise UsageError(
            "COVGATE_NO_RECEIPT is set: no commit would take what is judged ahead",
            "unset it, or leave `covgate watch` alone",
        )
    try:
        return _once(options) if options.once else _watch(options)
    except KeyboardInterrupt:
        return _INTERRUPTED


# -- one judgement -------------------------------------------------------------------------------


def _once(options: argparse.Namespace) -> int:
    """Judge what is staged, tell it, and leave the receipt."""
    style = style_for(sys.stdout, os.environ, options.color, verbose=options.verbose)
    question = question_of(options, Request(), style, run_all=False)._replace(ahead=True)
    unkept = ""

    def ask() -> Answer:
        nonlocal unkept
        with judged(question) as judgement:
            unkept = judgement.unkept
            return judgement.answer

    try:
        if read_staged(question.folder, question.env).is_nothing:
            _say("nothing is staged")
            return PASS
    except CovgateError:
        pass  # the judgement tells the same as an answer
    answer, code = answer_to(ask)
    if options.format == "json":
        print(_json_line(answer, unkept), flush=True)
    else:
        print(_text(answer, unkept, style), end="", flush=True)
    return code


def _text(answer: Answer, unkept: str, style: Style) -> str:
    """Return the answer as `check` tells it, after the time; a pass without its notes."""
    from covgate.report.text import render

    now = time.strftime("%H:%M:%S ")
    if answer.verdict == "pass" and not style.verbose:
        answer = replace(answer, notes=())
    text = now + render(answer, style)
    if unkept and answer.tests.selected and answer.verdict != "undecided":
        text += f"{' ' * len(now)}the commit judges it again: {unkept}\n"
    return text


def _json_line(answer: Answer, unkept: str) -> str:
    from covgate.report.json_object import json_object

    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = {"at": now, "unkept": unkept or None, **json_object(answer)}
    return json.dumps(told, allow_nan=False)


# -- watching ------------------------------------------------------------------------------------


def _watch(options: argparse.Namespace) -> int:
    folder = here()
    repo = discover(folder, os.environ)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    with _only_watcher(repo):
        _say(f"watching what is staged in {repo.top}; Ctrl-C ends it")
        watcher = _Watcher(repo, folder, _words(options))
        try:
            while repo.git_dir.is_dir() and _is_heard():
                watcher.look(time.monotonic())
                time.sleep(_TICK_S)
        finally:
            watcher.stop()
    if not _is_heard():
        return _INTERRUPTED
    raise UsageError(f"{repo.git_dir} is gone", "start `covgate watch` in a repository")


def _is_heard() -> bool:
    """Whether standard output still leads anywhere: not when a terminal or a pipe was closed."""
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    poll.register(1, 0)
    return not poll.poll(0)


def _words(options: argparse.Namespace) -> list[str]:
    """Return the command line of one judgement with the same options."""
    words = [sys.executable, "-P", "-m", "covgate", "watch", "--once"]
    words += [f"--only={rules}" for rules in options.only or ()]
    words += [] if options.target is None else [f"--target={options.target}"]
    words += [f"--python={options.python}"] if options.python else []
    words += ["--verbose"] if options.verbose else []
    return [*words, f"--format={options.format}", f"--color={options.color}"]


@contextlib.contextmanager
def _only_watcher(repo: Repository) -> Iterator[None]:
    """Be the only one who watches this working tree; raises `UsageError` when somebody does."""
    from filelock import FileLock, Timeout

    turn = repo.state / "turn"
    try:
        repo.state.mkdir(parents=True, exist_ok=True)
        turn.touch()  # from here on, commits look whether we judge the same
    except OSError as error:
        raise UsageError(
            f"{repo.state} can't be written: {error.strerror}",
            "what is judged ahead is kept there; make the folder writable",
        ) from None
    try:
        with FileLock(repo.state / "watch.lock", timeout=0):
            try:
                yield
            finally:
                turn.unlink(missing_ok=True)
    except Timeout:
        raise UsageError(
            "another `covgate watch` is at work in this working tree", "one is enough"
        ) from None


def _say(text: str) -> None:
    # The terminal may be gone.
    with contextlib.suppress(OSError):
        print(f"{time.strftime('%H:%M:%S')} covgate: {text}", file=sys.stderr, flush=True)


class _Watcher:
    """Looks at the signs now and then, and keeps one judgement of what is staged going."""

    def __init__(self, repo: Repository, folder: Path, words: Sequence[str]) -> None:
        self._repo = repo
        self._folder = folder
        self._words = words
        self._seen: Signs | None = None
        self._changed_at = 0.0
        self._settled = False
        self._known: Staged | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._said = ""

    def look(self, now: float) -> None:
        """See whether something else is staged; then judge that."""
        if self._child is not None and self._child.poll() is not None:
            self._ended(self._child.returncode)
        found = signs(self._repo)
        if found != self._seen:
            self._seen, self._changed_at, self._settled = found, now, False
        since = now - self._changed_at
        if self._settled or since < _QUIET_S:
            return
        hindered = occupied(self._repo)
        if hindered and (hindered != AT_WORK or since < _LOCKED_S):
            if hindered != AT_WORK:
                self.stop()
                self._known = None
                self._say_once(f"waiting: {hindered}")
            return
        self._settled = True
        self._judge()

    def stop(self) -> None:
        """End the judgement that is going on; it leaves nothing behind."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _judge(self) -> None:
        try:
            staged = read_staged(self._folder, os.environ)
        except CovgateError as error:
            self.stop()
            self._known = None
            self._say_once(f"waiting: {error.message}" + (f" ({error.help})" if error.help else ""))
            return
        if staged == self._known:
            return
        self.stop()
        self._known = staged
        self._said = ""
        if staged.is_nothing:
            return
        self._child = subprocess.Popen(
            self._words,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches us alone
            preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 - there are no threads
        )

    def _ended(self, code: int) -> None:
        self._child = None
        if code < 0 or code == _INTERRUPTED:
            _say(f"the judgement was ended from outside (exit code {code}); stage again to judge")

    def _say_once(self, text: str) -> None:
        if text != self._said:
            self._said = text
            _say(text)
