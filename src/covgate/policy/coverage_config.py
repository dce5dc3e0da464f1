"""The coverage.py configuration that is in effect in a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from covgate.policy.ini import flatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.policy.option import Option, Word
    from covgate.policy.tree import Tree

# In the order in which coverage 7.13 and later looks for them.
FILES = (".coveragerc", ".coveragerc.toml", "setup.cfg", "tox.ini", "pyproject.toml")
OWN = {".coveragerc", ".coveragerc.toml"}
_SECTIONS = ("run", "report", "paths", "html", "xml", "json", "lcov")
_VARIABLE = re.compile(r"\$\{\w+-([^}]*)\}")


@dataclass(frozen=True)
class CoverageConfig:
    """Options as `section:name`; `path` is the file in effect, None when there is none."""

    path: str | None = None
    options: Mapping[str, Option] = field(default_factory=dict)

    def flag(self, name: str) -> bool:
        option = self.options.get(name)
        return option is not None and option.is_true

    def words(self, name: str, separators: str = ",") -> tuple[Word, ...]:
        """Return a list option; regular expressions are split at lines only (no separators)."""
        option = self.options.get(name)
        return option.items(separators) if option else ()

    def texts(self, name: str, separators: str = ",") -> tuple[str, ...]:
        return tuple(word.text for word in self.words(name, separators))

    @property
    def branch(self) -> bool:
        return self.flag("run:branch") or self.uses_covdefaults

    @property
    def uses_covdefaults(self) -> bool:
        """The plugin covdefaults measures branches and demands 100 % unless told otherwise."""
        return "covdefaults" in self.texts("run:plugins")

    @property
    def fail_under(self) -> float:
        """The least total, in percent; 0 when none is demanded."""
        option = self.options.get("report:fail_under")
        if option is None:
            return 100.0 if self.uses_covdefaults else 0.0
        text = _VARIABLE.sub(r"\1", option.text)
        return option._replace(words=(option.words[0]._replace(text=text),)).number or 0.0


def resolve_coverage(tree: Tree, rcfile: str | None = None) -> CoverageConfig:
    """Return the configuration that coverage would use, `rcfile` being one given by option."""
    first = rcfile if rcfile and rcfile != ".coveragerc" else FILES[0]
    for path in (first, *FILES[1:]):
        own = path in OWN or path == rcfile
        options = coverage_options(tree, path, own=own)
        if options is not None and (own or options):
            return CoverageConfig(path, options)
        if options is None and path == rcfile:
            return CoverageConfig(path)  # not a file of the project: nothing of it is known
    return CoverageConfig()


def coverage_options(tree: Tree, path: str, *, own: bool) -> dict[str, Option] | None:
    """Return what a file sets, None when it does not exist; `own` files need no prefix."""
    if path.endswith(".toml"):
        document = tree.toml(path)
        if document is None:
            return None
        found: dict[str, Option] = {}
        for section in _SECTIONS:
            above: tuple[str, ...] = ("tool", "coverage")
            if own and document.table(*above, section) is None:
                above = ()
            options = document.options(*above, section)
            found |= {f"{section}:{name}": option for name, option in options.items()}
        return found
    sections = tree.ini(path)
    if sections is None:
        return None
    found = flatten({n: s for n, s in sections.items() if n in _SECTIONS}, "") if own else {}
    return found | flatten(sections, "coverage:")
