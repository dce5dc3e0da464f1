"""From the changed files backwards to all that may load them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.links import is_test_like
from covgate.impact.modules import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covgate.impact.links import Link, Links
    from covgate.impact.programs import Programs

_DYNAMIC = "loads modules by computed names"


class Step(NamedTuple):
    """How a file was reached: `how` it depends on the file `target`, which was reached before."""

    how: str
    target: str | None


class Closure:
    """Every file that may load a changed one, with the shortest way to it."""

    def __init__(self, programs: Programs, links: Links, origins: Mapping[str, str]) -> None:
        """`origins` maps the files to start from to what happened to them."""
        self._programs = programs
        self._links = links
        self._origins = origins
        self.steps: dict[str, Step] = {}
        queue: deque[str] = deque()
        for path in sorted(origins):
            self.steps[path] = Step("", None)
            queue.append(path)
        for path in sorted(origins):
            self._follow(path, links.inspectors(path), queue)
        self._follow_folders(queue)
        dynamic_from = self._anything_changed()
        if dynamic_from:
            for path in links.dynamic:
                self._reach(path, Step(_DYNAMIC, dynamic_from), queue)
        folders: set[str] = set()
        while queue:
            path = queue.popleft()
            self._follow(path, links.dependants(path), queue)
            if folder_of(path) not in folders:
                folders.add(folder_of(path))
                self._follow(path, links.explorers(path), queue)
            for alias in programs.links.get(path, ()):
                self._reach(alias, Step(f"is a symbolic link to {path}", path), queue)

    def _anything_changed(self) -> str | None:
        """Return a changed module that may be loaded by a computed name."""
        modules = (path for path in sorted(self._origins) if path.endswith(".py"))
        return next((path for path in modules if not is_test_like(path)), None)

    def _follow_folders(self, queue: deque[str]) -> None:
        """A folder that comes or goes makes or ends a namespace package of its name."""
        for folder in sorted(self._programs.folders):
            stand_in = folder + "/__init__.py"
            if folder and stand_in not in self.steps:
                for link in self._links.importers(stand_in):
                    self._reach(
                        link.source, Step(f"{link.how}, a folder that came or went", None), queue
                    )

    def _follow(self, path: str, links: Iterator[Link], queue: deque[str]) -> None:
        for link in links:
            self._reach(link.source, Step(link.how, path), queue)

    def _reach(self, path: str, step: Step, queue: deque[str]) -> None:
        if path not in self.steps:
            self.steps[path] = step
            queue.append(path)

    def reason(self, path: str) -> str:
        """Say for people why `path` is reached."""
        step = self.steps[path]
        if step.how == _DYNAMIC:
            return f"{self._dynamic(path)}, anything may be reached"
        if step.target is None:
            return step.how or _itself(self._origins[path])
        if step.target in self._origins:
            return f"{step.how}, which {self._origins[step.target]}"
        return f"{step.how}, which {self._onward(step.target)}"

    def _onward(self, path: str) -> str:
        step = self.steps[path]
        if step.how == _DYNAMIC:
            return f"{self._dynamic(path)}, anything may be reached"
        if step.target is None:
            return step.how
        if step.target in self._origins:
            return f"{step.how} ({self._brief(step.target)})"
        return f"leads to {self._end(step.target)}"

    def _dynamic(self, path: str) -> str:
        return f"{_DYNAMIC} ({path}:{self._programs.facts[path].dynamic})"

    def _brief(self, path: str) -> str:
        return {"is new": "new", "was deleted": "deleted", "was renamed": "renamed"}.get(
            self._origins[path], "changed"
        )

    def _end(self, path: str) -> str:
        while True:
            step = self.steps[path]
            if step.how == _DYNAMIC:
                return f"computed names ({path}:{self._programs.facts[path].dynamic})"
            if step.target is None:
                title = self._links.layout.title(path)
                return f"{title} ({self._brief(path)})" if path in self._origins else title
            path = step.target


def _itself(what: str) -> str:
    return {"changed": "changed itself", "is new": "is new"}.get(what, what)
