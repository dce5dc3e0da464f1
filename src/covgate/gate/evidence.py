"""The evidence of a clone at hand: ask it which tests to run, and add what a run has shown."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING

from covgate.change.snapshot import SUBMODULE_MODE, SYMLINK_MODE
from covgate.errors import CovgateError
from covgate.gate.unknown import ignored_by_git, start_of
from covgate.git.objects import ObjectReader
from covgate.impact.target import Now
from covgate.impact.touched import choose
from covgate.run.environment import RECORDER, PrivatePlaces, environment_for_tests
from covgate.source.blocks.facts import Facts, spans_of
from covgate.traces.beside import made_before
from covgate.traces.company import remembered_of
from covgate.traces.environment import environment_key
from covgate.traces.seen import Seen, StateOf, above, as_collected, kinds_of
from covgate.traces.store import DAMAGE, WHOLE, Store
from covgate.traces.values import OutsideValues, TreeValues

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from covgate.change.snapshot import Snapshot
    from covgate.config.model import Settings
    from covgate.gate.remembering import Remembering
    from covgate.gate.surroundings import Surroundings
    from covgate.impact.chosen import Selection as Chosen
    from covgate.source.blocks.facts import Span
    from covgate.traces.beside import Admit
    from covgate.traces.model import Evidence, Trace
    from covgate.traces.model import Surroundings as Outside
    from covgate.traces.moment import Moment
    from covgate.traces.spool import Process

_NOTHING = Facts(readable=False)


@dataclass
class Archive:
    """The store, seen from one tree in one environment."""

    store: Store
    environment: str
    snapshot: Snapshot
    root: Path
    environ: Mapping[str, str]
    source_of: Callable[[str], bytes | None]
    python: str = ""
    ignored: Admit | None = None
    _held: Mapping[str, frozenset[int]] = field(default_factory=dict)
    computed: dict[object, object] = field(default_factory=dict)  # what others keep with it
    _lines: dict[str, Mapping[int, tuple[str, frozenset[int]]]] = field(default_factory=dict)

    @cached_property
    def tree(self) -> TreeValues:
        return TreeValues(self.snapshot, self.root, self.ignored)

    @property
    def moment(self) -> Moment:
        """What is held of the environment since tests were last chosen."""
        return self.store.moment(self.environment)

    @cached_property
    def suite(self) -> Mapping[str, tuple[str, ...]]:
        """The tests that were collected from each file when it was last collected."""
        return self.moment.suite

    @cached_property
    def evidence(self) -> Evidence:
        """All traces of the environment, as they were when tests were last chosen by them."""
        return self.store.evidence(self.environment)

    @property
    def traces(self) -> tuple[Trace, ...]:
        """All traces of the environment, newest first."""
        return self.store.traces(self.environment)

    def newest(self, test: str) -> Trace | None:
        """Return the newest trace of a test."""
        return self.moment.newest(test)

    def lines_of_path(self, path: str) -> Mapping[int, tuple[str, frozenset[int]]]:
        """Return, by trace, the blob of a file that it ran and which of its lines.

        As it was when tests were last chosen: looking it up means reading all traces.
        """
        if path not in self._lines:
            self._lines[path] = self.store.lines_of_path(path)
        return self._lines[path]

    def holding(self, test: str) -> frozenset[int]:
        """Return the traces of one test that held when tests were last chosen."""
        return self._held.get(test, frozenset())

    def known_to_hold(self) -> Mapping[str, Trace]:
        """Return the traces that hold; none when the evidence cannot be read, which is noted."""
        try:
            return self.choose().reuse
        except DAMAGE as error:
            self.give_up(error)
            return {}

    def give_up(self, error: Exception) -> None:
        """Set evidence aside that cannot be read, and go on without."""
        self.store.give_up(f"{type(error).__name__}: {error}")
        self._lines.clear()
        for name in ("evidence", "suite"):
            self.__dict__.pop(name, None)

    def facts_of(self, path: str) -> Facts:
        """Return the facts of a file of the tree, through symbolic links."""
        return self._facts_in(self.tree, path)

    def _facts_in(self, tree: TreeValues, path: str) -> Facts:
        """Return the facts of a file as it is in `tree`, another place of the same snapshot."""
        if path in tree.unknown:
            return self.store.facts(tree.unknown[path], lambda: tree.text_beside(path))
        place = tree.resolve(path)
        entry = self.snapshot.entries.get(place) if place is not None else None
        if entry is None or place is None or entry.mode == SUBMODULE_MODE:
            return _NOTHING
        return self.store.facts(entry.blob, lambda: self.snapshot.read(place))

    def spans_of(self, path: str) -> tuple[Span, ...]:
        """Return where the functions of a file of the tree lie."""
        entry = None if self.tree.has_links else self.snapshot.entries.get(path)
        if entry is None or entry.mode == SUBMODULE_MODE:
            return spans_of(self.facts_of(path))
        return self.store.spans(entry.blob, lambda: self.snapshot.read(path))

    def old_facts(self, blob: str) -> Facts | None:
        """Return the facts of an earlier version of a file, None when its text is gone."""
        found = self.store.facts(blob, lambda: self.source_of(blob))
        return found if found.readable else None

    def outside(self, surroundings: Outside) -> OutsideValues:
        return OutsideValues(self.environ, surroundings)

    def choose(self) -> Chosen:
        """Return what the stored traces say of the tests that they know."""
        surroundings = self.store.surroundings(self.environment)
        self.__dict__.pop("evidence", None)  # a run may have added to it
        self._lines.clear()
        now = Now(
            self.tree,
            self.outside(surroundings),
            self.facts_of,
            self.old_facts,
            surroundings.roots,
            self.source_of,
            self.lines_of_path,
            self.store.alignments.align,
        )
        chosen = choose(self.store, self.environment, now)
        self._held = chosen.held
        return chosen

    def remembering(self) -> list[str]:
        """Return the files of the tree with functions that may remember what ran beneath them."""
        files = self._remembering.keeping | {path for path, _ in self.told}
        return [path for path in self.tree.paths if path in files]

    def keeps_state(self, path: str, body: Span) -> bool:
        """Whether a function may remember, by itself or by the answers of other files."""
        return body.keeps_state or (path, body.key) in self.told

    @property
    def told(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """Who decides by what functions of other files remember, see `covgate.impact.telling`."""
        return self._remembering.told

    @cached_property
    def _remembering(self) -> Remembering:
        from covgate.gate.remembering import remembering

        return remembering(self)

    def watched(self) -> Mapping[str, list[tuple[int, str]]]:
        """Return the functions, by file, that may remember what ran beneath them."""
        return {
            path: [
                (body.first, body.key.partition("#")[0].rpartition(".")[2])
                for body in self.spans_of(path)
                if self.keeps_state(path, body)
            ]
            for path in self.remembering()
        }

    def _other_copy(self, surroundings: Outside) -> str | None:
        """Return a sentence when the tests ran modules of the project from somewhere else."""
        entries = self.snapshot.entries
        tops = {
            path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]: path
            for path in entries
            if path.endswith(".py") and not _is_inside_package(path, entries)
        }
        for name, files in surroundings.files.items():
            if name in tops and name not in _OFTEN_NAMED:
                return (
                    f"no trace was kept: the tests imported {files[0]} instead of {tops[name]}; "
                    "install this copy for development, or name its folder in `source-roots`"
                )
        return None

    def keep(
        self,
        spool: Path,
        data_file: Path,
        root: Path,
        *,
        asked: Collection[str] | None,
        ended: bool = False,
    ) -> str | None:
        """Add the traces of a run on this tree; return what went wrong, if anything did.

        `asked` are the files that it was to collect, None for all. A run that has `ended` in order
        should have told of its end.
        """
        from covgate.traces.ingest import drafts_of, owned_of
        from covgate.traces.lines import outside_tests
        from covgate.traces.spool import read_spool

        processes = read_spool(spool)
        if not processes or processes[0].child:
            return None
        main = processes[0]
        if main.surroundings is None:
            return None
        copy = self._other_copy(main.surroundings)
        if copy is not None:
            return copy
        tree = TreeValues(self.snapshot, root, made_before(start_of(spool, main), main.written))
        drafts = drafts_of(
            processes, tree, partial(self._facts_in, tree), self.outside(main.surroundings)
        )
        lines, arcs = outside_tests(data_file, root)
        blob = tree.blob
        module_lines = {(path, blob(path)): some for path, some in lines.items() if blob(path)}
        module_arcs = {(path, blob(path)): some for path, some in arcs.items() if blob(path)}
        collected = dict(main.collected or {})
        if asked is None and main.ended is not None:
            collected[WHOLE] = []
        problem = self.store.add(
            self.environment,
            drafts,
            _merged(self, main),
            module_lines,
            collected,
            module_arcs,
            owned_of(main, tree.blob),
            remembered_of(main, self.facts_of, tree.blob, lines, arcs),
            self._come_upon(main, asked),
        )
        if problem is None and ended and main.ended is None:
            return f"what the tests did could not all be written to {spool} (is the disk full?)"
        return problem

    def _come_upon(self, main: Process, asked: Collection[str] | None) -> Seen | None:
        if main.collected is None:
            return None
        kinds = kinds_of((*self.suite, *main.collected))
        places = {self.tree.resolve(path) or path for path in main.broken} | main.broken
        # Below a folder that cannot be collected nothing was.
        entries = self.snapshot.entries
        broken = frozenset(p for p in entries if not places.isdisjoint((p, "", *above(p))))
        wanted: Collection[str] | None = main.collected
        if main.through:
            wanted = None if asked is None else {*asked, *main.collected}
        state = self.state_of()
        files = {
            path: as_collected(entry.blob) if path in main.collected else state(path, entry.blob)
            for path, entry in self.snapshot.entries.items()
            # What is no Python file is collected by every run.
            if path.endswith(kinds)
            and (wanted is None or path in wanted or (main.through and path[-3:] != ".py"))
            and path not in broken
        }
        # What makes a file skip itself may be anything: it is asked again.
        skipped = frozenset(path for path in main.skipped if not main.collected.get(path))
        if main.through:
            files.update(
                (path, entries[path].blob)
                for path in self.submodules
                if path not in broken
                and (asked is None or any(one.startswith(f"{path}/") for one in asked))
            )
        return Seen({p: one for p, one in files.items() if p not in skipped}, broken | skipped)

    @cached_property
    def submodules(self) -> tuple[str, ...]:
        """The folders of other repositories, whose files git does not list here."""
        entries = self.snapshot.entries.items()
        return tuple(path for path, entry in entries if entry.mode == SUBMODULE_MODE)

    @cached_property
    def links(self) -> Mapping[str, str]:
        """The symbolic links of the tree, and where in it they lead to."""
        entries = self.snapshot.entries.items()
        asked = (path for path, entry in entries if entry.mode == SYMLINK_MODE)
        return {path: place for path in asked if (place := self.tree.resolve(path)) is not None}

    def state_of(self) -> Callable[[str, str], str]:
        """Return a function that tells under what a file of the tree, and its version, is seen."""
        from covgate.gate.calls import imported_by

        entries = self.snapshot.entries
        return StateOf(entries, self.snapshot.read, lambda path: imported_by(self, [path]))


# Installed packages of these names are nobody's copy of the project.
_OFTEN_NAMED = frozenset({"setup", "conftest", "tests", "test", "docs", "examples", "__main__"})


def _is_inside_package(path: str, entries: Mapping[str, object]) -> bool:
    folder = path.removesuffix("/__init__.py").rpartition("/")[0]
    return bool(folder) and f"{folder}/__init__.py" in entries


def _merged(archive: Archive, main: Process) -> Outside:
    """Return what a run saw of the outside, with what earlier ones saw and this one did not."""
    assert main.surroundings is not None
    known = archive.store.surroundings(archive.environment)
    return main.surroundings._replace(
        roots=tuple(dict.fromkeys((*main.surroundings.roots, *known.roots))),
        uses={**known.uses, **main.surroundings.uses},
        files={**known.files, **main.surroundings.files},
    )


def open_archive(
    around: Surroundings, snapshot: Snapshot, settings: Settings, python: str
) -> Archive:
    """Open the evidence of the clone for a tree; the caller closes its store."""
    places = PrivatePlaces(around.scratch, around.scratch, around.scratch)
    environ = environment_for_tests(around.env, python, RECORDER, places)
    arguments = (settings.pytest_args, settings.test_paths, settings.source_roots)
    key = environment_key(python, environ, snapshot, arguments)
    store = Store(around.evidence_file)
    return Archive(
        store,
        key,
        snapshot,
        around.repo.top,
        environ,
        _blobs(around),
        python,
        ignored_by_git(around),
    )


def _blobs(around: Surroundings) -> Callable[[str], bytes | None]:
    """Return a function that reads a blob of the repository, None when it is not there."""
    reader = ObjectReader(around.git)  # one process, however many are read

    @lru_cache(maxsize=256)
    def read(blob: str) -> bytes | None:
        try:
            return reader.read(blob)
        except (CovgateError, OSError):
            return None

    weakref.finalize(read, reader.close)
    return read


def measures_branches(snapshot: Snapshot) -> bool:
    """Whether the coverage settings of a tree ask for branches."""
    from covgate.policy.coverage_config import resolve_coverage
    from covgate.policy.tree import Tree

    return resolve_coverage(Tree(snapshot, strict=False)).branch
