"""Says whether an input still has the value that a trace recorded, and what is different if not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.source.blocks.modules import conftests
from covgate.traces.derived import docs_of, session_hooks
from covgate.traces.postings import inner

if TYPE_CHECKING:
    from collections.abc import Callable

    from covgate.impact.index import Index
    from covgate.traces.model import Input
    from covgate.traces.values import OutsideValues, TreeValues


class Comparing:
    """Compares inputs with the target tree and with what lies outside of it."""

    def __init__(self, tree: TreeValues, outside: OutsideValues, index: Index) -> None:
        self.tree = tree
        self.outside = outside
        self.index = index
        self._by_kind: dict[str, Callable[[Input], str | None]] = {
            "body": self._body,
            "shared": self._body,
            "module": self._module,
            "whole": self._whole,
            "file": self._file,
            "list": self._list,
            "exists": self._exists,
            "docs": self._docs,
            "env": self._variable,
            "name": self._name,
            "package": self._package,
            "distribution": self._distribution,
            "opaque": self._opaque,
            "hooks": self._hooks,
            "conftests": self._conftests,
        }

    def difference(self, one: Input) -> str | None:
        """Return what is different about an input, None when its value is the same.

        Of a module, which differs by its statements, only that it is gone.
        """
        if one.kind == "under":
            reason = self.difference(inner(one))
            return None if reason is None else f"while {one.path} was imported, {reason}"
        compare = self._by_kind.get(one.kind)
        return None if compare is None else compare(one)

    def _body(self, one: Input) -> str | None:
        body = self.index.body(one.path, one.key)
        if body is None:
            return f"{one.key} of {one.path}, which it runs, is gone"
        return None if body.hash == one.value else f"it runs {one.key} of {one.path}, which changed"

    def _module(self, one: Input) -> str | None:
        # What differs inside of it is told by names.
        if not one.value:
            return f"it imports {one.path}, which git does not know"
        return None if self.tree.blob(one.path) else f"it imports {one.path}, which is gone"

    def _whole(self, one: Input) -> str | None:
        same = one.value in (self.tree.file(one.path), self.tree.blob(one.path))
        return None if same else f"it depends on {one.path} as a whole, which changed"

    def _file(self, one: Input) -> str | None:
        same = self.tree.file(one.path) == one.value
        return None if same else f"it reads {one.path}, which changed"

    def _list(self, one: Input) -> str | None:
        same = self.tree.listing(one.path) == one.value
        return None if same else f"it lists the folder {one.path or '.'}, which changed"

    def _exists(self, one: Input) -> str | None:
        now = self.tree.exists(one.path)
        same = now == one.value
        return None if same else f"it asks for {one.path}, which is {now or 'absent'} now"

    def _docs(self, one: Input) -> str | None:
        known = one.path in self.index.paths
        same = known and docs_of(self.index.facts_of(one.path)) == one.value
        return None if same else f"it reads docstrings, and those of {one.path} changed"

    def _variable(self, one: Input) -> str | None:
        same = self.outside.variable(one.key) == one.value
        return None if same else f"the variable {one.key} changed"

    def _name(self, one: Input) -> str | None:
        same = ",".join(self.index.modules.place(one.key)) == one.value
        return None if same else f"importing {one.key} finds something else now"

    def _package(self, one: Input) -> str | None:
        same = self.outside.package(one.key) == one.value
        return None if same else f"the installed package {one.key} is another than before"

    def _distribution(self, one: Input) -> str | None:
        same = self.outside.distribution(one.key) == one.value
        return None if same else f"the distribution {one.key} is another than before"

    def _opaque(self, one: Input) -> str | None:
        same = self.tree.everything() == one.value
        return None if same else f"files changed, and what it depends on is not known: {one.key}"

    def _hooks(self, one: Input) -> str | None:
        same = session_hooks(self.index.paths, self.index.facts_of) == one.value
        return None if same else "a conftest does something else to the whole run"

    def _conftests(self, one: Input) -> str | None:
        same = ",".join(conftests(one.path, self.index.paths)) == one.value
        return None if same else f"other conftest files apply to {one.path}"
