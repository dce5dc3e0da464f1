"""The pytest plugin of a run: keeps what is selected, and writes down what happens as it happens.

Collection goes over the whole project as in a full run, and files that are not selected are
ignored on the way: so `testpaths`, `--ignore`, `collect_ignore`, `python_files` and the order of
the suite mean what they always mean.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

import _covgate_order

from _covgate_std import json, os

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from _covgate_guard import Guard
    from _covgate_plan import Plan

_PATH_HOOK = int(pytest.__version__.split(".")[0]) >= 7


class Events:
    """An append-only file of JSON lines.

    Opened anew for each line: a test may close every file descriptor, change directory or end
    the process at any moment, and what was written stays. Where a test holds all descriptors
    that there are, the line comes with the next one.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._pid = os.getpid()
        self._unwritten = b""

    def write(self, kind: str, **facts: object) -> None:
        """Append one event."""
        if os.getpid() != self._pid:
            return  # a forked child that came back into pytest's code
        line = json.dumps(dict(facts, event=kind)) + "\n"
        self._unwritten += line.encode("utf-8", "backslashreplace")
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                while self._unwritten:
                    self._unwritten = self._unwritten[os.write(descriptor, self._unwritten) :]
            finally:
                os.close(descriptor)


class Plugin:
    """Hooks of one session; `guard` is told which test runs."""

    def __init__(self, plan: Plan, guard: Guard) -> None:
        self._root = plan["root"]
        self._files = None if plan["files"] is None else set(plan["files"])
        self._ids = None if plan["ids"] is None else set(plan["ids"])
        self._skip = set(plan["skip"])
        self._until = set(plan["until"])
        self._order = plan["order"]
        self._is_suite = True
        self._events = Events(plan["events"])
        self._guard = guard
        self._pid = os.getpid()

    # -- before collection ---------------------------------------------------------------------

    # A wrapper: it comes before pytest-cov's own hook, which begins to measure at once.
    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(
        self, early_config: Any, args: list[str]
    ) -> Generator[None, Any, None]:
        """Turn off what would measure or distribute the tests a second time."""
        plugins = early_config.pluginmanager
        known = early_config.known_args_namespace
        if plugins.hasplugin("pytest_cov"):
            args.append("--no-cov")
            known.no_cov = True
        if plugins.hasplugin("xdist"):
            args.extend(["-n", "0", "--dist", "no"])
            known.numprocesses, known.dist = 0, "no"
        yield

    # -- selection -----------------------------------------------------------------------------

    # Wrappers: hooks of the project are asked about each path, and one that says "keep it" does not
    # have the last word.
    if _PATH_HOOK:

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_ignore_collect(
            self, collection_path: Any, config: Any
        ) -> Generator[None, Any, None]:
            """Pass over a file that is not selected."""
            outcome = yield
            self._pass_over(outcome, str(collection_path), config)

    else:

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_ignore_collect(  # type: ignore[misc]
            self, path: Any, config: Any
        ) -> Generator[None, Any, None]:
            """Pass over a file that is not selected (pytest 6)."""
            outcome = yield
            self._pass_over(outcome, str(path), config)

    def _pass_over(self, outcome: Any, path: str, config: Any) -> None:
        # A package's __init__.py makes the node of its folder, so it is never ignored.
        if self._files is None or not path.endswith(".py") or path.endswith("__init__.py"):
            return
        if outcome.excinfo is not None or outcome.get_result():
            return  # it failed, or the suite leaves the file out itself
        if self._relative(path) in self._files:
            return
        if _covgate_order.may_hold_tests(path, config):
            self._is_suite = False
        outcome.force_result(True)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """Deselect what is not selected, and bring the most promising files to the front."""
        self._deselect(config, items)
        if _covgate_order.reorder(config, items, self._order, self._file_of):
            self._is_suite = False

    def _deselect(self, config: Any, items: list[Any]) -> None:
        if self._files is None and self._ids is None and not self._skip:
            return
        kept: list[Any] = []
        dropped: list[Any] = []
        last = max((n for n, item in enumerate(items) if item.nodeid in self._until), default=-1)
        for n, item in enumerate(items):
            (kept if n <= last or self._is_selected(item) else dropped).append(item)
        if dropped:
            self._is_suite = False
            for item in dropped:
                item._covgate_left_out = True
            config.hook.pytest_deselected(items=dropped)
            items[:] = kept

    def _is_selected(self, item: Any) -> bool:
        if self._ids is not None and item.nodeid not in self._ids:
            return False
        if item.nodeid in self._skip:
            return False
        path = self._file_of(item)
        return self._files is None or not path.endswith(".py") or path in self._files

    def _file_of(self, item: Any) -> str:
        return self._relative(str(getattr(item, "path", None) or item.fspath))

    def _relative(self, path: str) -> str:
        return os.path.relpath(path, self._root).replace(os.sep, "/")

    # -- results -------------------------------------------------------------------------------

    def pytest_collectreport(self, report: Any) -> None:
        """Write down what can't be collected."""
        if report.failed:
            self._events.write("collect-error", id=report.nodeid, text=str(report.longrepr))

    def pytest_collection_finish(self, session: Any) -> None:
        """Write down what will run."""
        self._events.write(
            "collected",
            ids=[item.nodeid for item in session.items],
            is_suite=self._is_suite,
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        """Say which test runs from here on."""
        self._guard.test = nodeid
        self._events.write("start", id=nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Write down the outcome of one phase of a test."""
        if os.getpid() != self._pid:
            os._exit(1)  # a child that a test forked, and that came back into pytest
        path, line, _ = report.location
        self._events.write(
            "report",
            id=report.nodeid,
            phase=report.when,
            outcome=_outcome(report),
            seconds=report.duration,
            path=path.replace(os.sep, "/"),
            line=None if line is None else line + 1,
            crash=_crash(report, self._relative),
            reason=_reason(report),
            skipped_at=_skipped_at(report, self._relative),
        )

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Say that no test runs."""
        self._guard.test = None

    def pytest_internalerror(self, excrepr: Any) -> None:
        """Keep the words of an error of pytest or of a plugin."""
        self._events.write("internal-error", text=str(excrepr))

    def finish(self, status: int) -> None:
        """Say that the session came to its end."""
        self._events.write("finish", status=status)


def _outcome(report: Any) -> str:
    if hasattr(report, "wasxfail"):
        return "xpassed" if report.passed else "xfailed"
    if report.failed and report.when != "call":
        return "error"
    return str(report.outcome)


def _crash(report: Any, relative: Any) -> list[Any] | None:
    """Return [path, line, message] of the place where a test failed, as far as pytest knows it."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if not report.failed:
        return None
    if crash is None:
        text = str(report.longrepr).strip()
        return [None, None, text.split("\n")[-1]]
    path = crash.path if os.path.isabs(crash.path) else os.path.abspath(crash.path)
    return [relative(path), crash.lineno, crash.message]


def _reason(report: Any) -> str | None:
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    return getattr(report, "wasxfail", None)


def _skipped_at(report: Any, relative: Any) -> list[Any] | None:
    """Return [path, line] of the place that skipped a test."""
    if not (report.skipped and isinstance(report.longrepr, tuple)):
        return None
    path, line = report.longrepr[0], report.longrepr[1]
    return [relative(os.path.abspath(str(path))), line]
