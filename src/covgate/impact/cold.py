"""Selection without any recorded evidence: what the text of the project says.

A test file is kept when its static closure reaches the change. Where the text can't tell, more is
kept, and the selection says why.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from covgate.impact.closure import Closure
from covgate.impact.configuration import Configuration, read_configuration
from covgate.impact.links import Links
from covgate.impact.modules import Layout, folder_of
from covgate.impact.programs import Programs, read_programs
from covgate.impact.selection import Selection
from covgate.impact.shadows import displaced, renamed_packages, shadowed
from covgate.impact.widening import Verdict, judge
from covgate.source import tags
from covgate.source.facts import Trait
from covgate.source.imports import python_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.impact.programs import AllFacts
    from covgate.source.reader import FactsReader

# Hooks of a conftest.py that pytest calls only for what lies below it.
_LOCAL_HOOKS = frozenset(
    [
        "pytest_runtest_setup",
        "pytest_runtest_call",
        "pytest_runtest_teardown",
        "pytest_runtest_makereport",
        "pytest_runtest_protocol",
        "pytest_runtest_logstart",
        "pytest_runtest_logfinish",
        "pytest_runtest_logreport",
        "pytest_generate_tests",
        "pytest_make_parametrize_id",
        "pytest_pyfunc_call",
        "pytest_fixture_setup",
        "pytest_fixture_post_finalizer",
        "pytest_itemcollected",
        "pytest_collect_file",
        "pytest_collect_directory",
        "pytest_ignore_collect",
        "pytest_pycollect_makemodule",
        "pytest_pycollect_makeitem",
        "pytest_assertrepr_compare",
        "pytest_exception_interact",
    ]
)
# Libraries that open no file of the project on their own.
_HARMLESS = frozenset(
    [
        "pytest",
        "_pytest",
        "pluggy",
        "hypothesis",
        "typing_extensions",
        "attr",
        "attrs",
        "six",
        "mock",
        "freezegun",
        "faker",
        "parameterized",
        "ddt",
        "nose",
        "assertpy",
        "hamcrest",
    ]
)
_COLLECTS = "pytest_collect_file"
_BESIDE = frozenset(["setup.py", "noxfile.py", "tasks.py", "fabfile.py", "conf.py"])


def select_cold(
    change: Change, facts: FactsReader, settings: Settings, everything: bool
) -> Selection:
    """Return the Python files of the target tree that the change can reach."""
    if everything:
        return Selection(True, notes=("everything was asked for",))
    if change.mode == "all":
        return Selection(True, notes=(change.why,))
    if not change.since_first:
        return Selection(False, other_tests="")
    programs = read_programs(change, facts)
    configuration = read_configuration(change.target, settings)
    verdicts = [
        (
            file,
            judge(
                file, change.before[0], change.target, settings.inert, configuration.doctest_globs
            ),
        )
        for file in programs.others
    ]
    wide = [verdict.why for _, verdict in verdicts if verdict.kind == "everything"]
    if wide:
        return Selection(True, notes=tuple(wide))
    return _Cold(change, programs, configuration).select(
        [(file.path, verdict) for file, verdict in verdicts]
    )


class _Cold:
    """One selection; holds what its steps share."""

    def __init__(self, change: Change, programs: Programs, configuration: Configuration) -> None:
        self._change = change
        self._programs = programs
        self._configuration = configuration
        python = {*programs.python, *programs.changed}
        touched = frozenset(programs.changed)
        roots = {*configuration.roots, *_added_roots(programs.facts, python)}
        self._layout = Layout(python, touched, roots, configuration.renamed)
        self._links = Links(self._layout, programs.facts, configuration.commands)

    def select(self, verdicts: list[tuple[str, Verdict]]) -> Selection:
        wide = list(self._wide_beforehand(verdicts))
        if wide:
            return Selection(True, notes=tuple(wide))
        origins = dict(self._programs.changed)
        origins.update(displaced(self._layout, self._programs))
        for path, _ in verdicts:
            origins.setdefault(path, "changed")
        closure = Closure(self._programs, self._links, origins)
        wide = list(self._wide_afterwards(closure))
        if wide:
            return Selection(True, notes=tuple(wide))
        files = self._kept(closure)
        return Selection(False, files, self._notes(closure), self._other_tests())

    def _wide_beforehand(self, verdicts: list[tuple[str, Verdict]]) -> Iterator[str]:
        data = [verdict.why for _, verdict in verdicts if verdict.kind == "data"]
        if data:
            reader = self._some_reader()
            if reader:
                more = f" (and {len(data) - 1} more)" if len(data) > 1 else ""
                yield f"{data[0]}{more}: {reader} may read it without naming it"
        yield from shadowed(self._layout, self._programs, self._configuration.roots)
        yield from renamed_packages(self._programs)

    def _some_reader(self) -> str | None:
        """Return a file that can open files, or that uses a library which may."""
        known = self._layout.top_names | sys.stdlib_module_names | _HARMLESS
        for path, fact in self._programs.facts.items():
            if path.rpartition("/")[2] in _BESIDE or path.startswith("docs/"):
                continue
            if fact.traits & Trait.READS or not path.endswith(".py") or fact.dynamic:
                return path
            if any(name not in known for name in fact.modules if "." not in name):
                return path
        return None

    def _wide_afterwards(self, closure: Closure) -> Iterator[str]:
        """Yield why a reached file bears on tests that do not load it."""
        for path in closure.steps:
            if path.endswith("conftest.py") and folder_of(path):
                hooks = sorted(self._session_hooks(path))
                if hooks:
                    yield f"{path} {closure.reason(path)}; its {hooks[0]} acts on the whole run"
        for name in sorted(self._plugins()):
            for path in self._layout.named(name):
                if path in closure.steps:
                    yield f"{path}, loaded before all tests, {closure.reason(path)}"

    def _session_hooks(self, path: str) -> Iterable[str]:
        facts = [self._programs.facts.get(path)]
        if path in self._programs.changed:
            old = self._change.before[0].read(path)
            facts.append(python_facts(old) if old is not None else None)
        return {hook for fact in facts if fact for hook in fact.hooks - _LOCAL_HOOKS}

    def _plugins(self) -> set[str]:
        plugins = set(self._configuration.modules)
        for path in self._programs.facts.with_tag(tags.PLUGINS):
            plugins.update(self._programs.facts[path].plugins)
        return plugins

    def _kept(self, closure: Closure) -> dict[str, str]:
        scopes = {
            folder_of(path): path
            for path in closure.steps
            if path.rpartition("/")[2] == "conftest.py"
        }
        kept: dict[str, str] = {}
        for path in sorted(
            path
            for path in (self._programs.facts if scopes else closure.steps)
            if path.endswith(".py") and path in self._programs.facts
        ):
            if path in closure.steps:
                kept[path] = closure.reason(path)
                continue
            folder = folder_of(path)
            while True:
                if folder in scopes:
                    conftest = scopes[folder]
                    how = closure.reason(conftest).replace("changed itself", "changed")
                    kept[path] = f"{conftest} {how}"
                    break
                if not folder:
                    break
                folder = folder_of(folder)
        return kept

    def _notes(self, closure: Closure) -> tuple[str, ...]:
        reached = [path for path in self._links.dynamic if path in closure.steps]
        dynamic = [path for path in reached if "computed names" in closure.reason(path)]
        return tuple(
            f"{path}:{self._programs.facts[path].dynamic} loads modules by computed names: "
            "every test that reaches it is run"
            for path in dynamic
        )

    def _other_tests(self) -> str:
        if self._configuration.other_tests:
            return self._configuration.other_tests
        facts = self._programs.facts
        for path in (*facts.with_tag(tags.hook(_COLLECTS)), *facts.with_tag(tags.word(_COLLECTS))):
            return f"{path} defines {_COLLECTS}"
        for path in self._change.target.entries:
            if not (path.endswith(".txt") or ".tavern.y" in path):
                continue
            name = path.rpartition("/")[2]
            if (name.startswith("test") and name.endswith(".txt")) or ".tavern.y" in name:
                return f"{path} may be a test"
        return ""


def _added_roots(facts: AllFacts, python: Iterable[str]) -> Iterator[str]:
    """Yield the folders that programs may put on the import path."""
    changers = [(path, facts[path]) for path in facts.with_tag(tags.trait(Trait.PATHS))]
    if not changers:
        return
    folders = {folder_of(path) for path in python}
    for path, fact in changers:
        yield folder_of(path)
        for folder in folders:
            if folder.rpartition("/")[2] in fact.words:
                yield folder
