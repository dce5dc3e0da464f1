"""Which skips without reason a change adds: by test, never by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.source.skips.site import REACHES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from covgate.rules.silenced.pairing import Key, Pairing
    from covgate.rules.silenced.trees import Tree
    from covgate.source.skips.context import Unit
    from covgate.source.skips.facts import Facts
    from covgate.source.skips.site import Site

_EFFECTS = {"xfail": 0, "skip": 1}


class Added(NamedTuple):
    """A silence that the base did not have: at the site, or at a test born under an old site."""

    path: str
    site: Site
    kind: str
    unit: Unit | None = None


def added(path: str, base: Tree, target: Tree, pairing: Pairing) -> Iterator[Added]:
    """Yield what the file at `path` of the target adds to the base."""
    facts = target.facts(path)
    if facts is None:
        return
    pools = _Pools(path, base, pairing)
    params = _Params(path, facts, base, pairing)
    for site in facts.sites:
        if site.reason.state == "stated":
            if site.always and pools.is_widened(site):
                yield Added(path, site, "widened")
        elif site.reach == "param":
            if params.is_new(site):
                yield Added(path, site, site.reason.state)
        else:
            yield from _attached(facts, site, pools)


def _attached(facts: Facts, site: Site, pools: _Pools) -> Iterator[Added]:
    tests = _covered(facts, site)
    if site.reach == "function" or not tests:
        if not pools.has(site.owner, site):
            yield Added(facts.path, site, site.reason.state)
        return
    if all(pools.was_silenced(unit, site, facts) for unit in tests):
        return
    fresh = [unit for unit in tests if not pools.has(unit.name, site)]
    if not fresh:
        return
    is_old = len(fresh) < len(tests) and any(pools.has(unit.name, site) for unit in tests)
    if not is_old and not pools.has(site.owner, site):
        yield Added(facts.path, site, site.reason.state)
    elif site.always:
        for unit in fresh:
            yield Added(facts.path, site, "born", unit)


def _covered(facts: Facts, site: Site) -> list[Unit]:
    """Return the tests that a site of a class or module silences."""
    prefix = f"{site.owner}." if site.owner else ""
    return [
        unit
        for unit in facts.units.values()
        if unit.kind == "function"
        and unit.name.startswith(prefix)
        and unit.short.lower().startswith("test")
    ]


class _Pools:
    """The silences that the units of a file had in the base; each answers for one site only."""

    def __init__(self, path: str, base: Tree, pairing: Pairing) -> None:
        self.path = path
        self.base = base
        self.pairing = pairing
        self._pools: dict[str, list[Site]] = {}

    def _before(self, name: str) -> list[Site]:
        """Return all sites that silenced a unit of the target in the base."""
        key: Key | None = self.pairing.unit(self.path, name) if name else None
        if key is None:
            old = self.pairing.files.get(self.path) if not name else None
            facts = self.base.facts(old) if old else None
            return [s for s in facts.sites if not s.owner and s.reach != "param"] if facts else []
        facts = self.base.facts(key.path)
        return [
            site
            for site in (facts.sites if facts else ())
            if site.reach != "param" and _covers(site, key.name)
        ]

    def has(self, name: str, site: Site) -> bool:
        """Return whether the unit was silenced like this before."""
        pool = self._pools.get(name)
        if pool is None:
            pool = [s for s in self._before(name) if s.reason.state != "stated"]
            self._pools[name] = pool
        fitting = [old for old in pool if _dominates(old, site)]
        if not fitting:
            return False
        best = min(fitting, key=lambda old: (REACHES.index(old.reach), old.always, old.effect))
        if best.reach == "function":
            pool.remove(best)
        return True

    def was_silenced(self, unit: Unit, site: Site, facts: Facts) -> bool:
        """Return whether a test was silenced before, for no reason or for one that it still has."""
        stated = {
            now.reason.text
            for now in facts.sites
            if now.reason.state == "stated" and now.always and _covers(now, unit.name)
        }
        return any(
            _EFFECTS[old.effect] >= _EFFECTS[site.effect]
            and (old.always or not site.always)
            and (old.reason.state != "stated" or (old.always and old.reason.text in stated))
            for old in self._before(unit.name)
        )

    def is_widened(self, site: Site) -> bool:
        """Return whether the same reason stood under a condition before, and only there."""
        before = [
            old
            for old in self._before(site.owner)
            if old.reason.state == "stated"
            and old.reason.text == site.reason.text
            and (old.reason.text is not None or old.construct == site.construct)
            and REACHES.index(old.reach) <= REACHES.index(site.reach)
            and _EFFECTS[old.effect] >= _EFFECTS[site.effect]
        ]
        return bool(before) and not any(old.always for old in before)


def _covers(site: Site, name: str) -> bool:
    """Return whether a site silences the unit of a name: its own, or that of what it is in."""
    return not site.owner or site.owner == name or name.startswith(site.owner + ".")


def _dominates(old: Site, new: Site) -> bool:
    """Return whether what the base had reached as far as what the target has."""
    return (
        _EFFECTS[old.effect] >= _EFFECTS[new.effect]
        and (old.always or not new.always)
        and REACHES.index(old.reach) >= REACHES.index(new.reach)
    )


class _Params:
    """The silenced parameter sets of the base, each of which answers for one of the target."""

    def __init__(self, path: str, facts: Facts, base: Tree, pairing: Pairing) -> None:
        self.facts = facts
        old = pairing.files.get(path)
        self.before = base.facts(old) if old else None
        self.pool: list[tuple[Facts, Site]] = []
        self.owners = {
            name: key.name for name in facts.units if (key := pairing.unit(path, name)) is not None
        }
        places = {old} if old else set()
        places |= {key.path for name in facts.units if (key := pairing.unit(path, name))}
        for place in sorted(filter(None, places)):
            found = base.facts(place)
            for site in found.sites if found else ():
                if found and site.reach == "param" and site.reason.state != "stated":
                    self.pool.append((found, site))

    def is_new(self, site: Site) -> bool:
        """Return whether a silenced set was not silenced before; takes its match from the pool."""
        owner = self.owners.get(site.owner, site.owner)
        tries: tuple[Callable[[Facts, Site], bool], ...] = (
            lambda f, old: old.owner == owner and old.key == site.key,
            lambda f, old: old.owner == owner and old.ident is not None and old.ident == site.ident,
            lambda f, old: old.key == site.key and old.owner not in self.facts.params,
            lambda f, old: (
                old.owner == owner
                and old.key not in self.facts.params.get(site.owner, ())
                and site.key not in f.params.get(old.owner, ())
            ),
        )
        for matches in tries:
            for entry in self.pool:
                if matches(*entry) and _as_far(entry[1], site):
                    self.pool.remove(entry)
                    return False
        return True


def _as_far(old: Site, new: Site) -> bool:
    return _EFFECTS[old.effect] >= _EFFECTS[new.effect] and (old.always or not new.always)
