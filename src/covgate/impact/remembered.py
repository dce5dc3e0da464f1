"""Where things are that outlive a test: names of modules, attributes of classes and of objects.

A place is (file, key): a function or variable "name", an attribute "variable.attribute", a method
or attribute "Class.name" of a class, "Class:name" of its objects, and "Class!name" a method that
fills its object and tells if something was so. Those of no file are "?name", what any class or
object has under a name, and "=name", an attribute that functions change of objects that are not
known.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from posixpath import dirname, join
from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.lineage import Classes, last_name, plain_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from covgate.impact.index import Index, Place
    from covgate.source.blocks.facts import Memory

ANY = "?"
GIVEN = "="
_DEEPEST = 6


class _Thing(NamedTuple):
    """A name that a file defines ("Class.name" in a class), and the attributes taken of it.

    `called` means what a call of it gives: an object of the class, or nobody knows what. Where no
    statement of the file binds it, a function may, or it is a module of the package.
    """

    path: str
    name: str
    rest: tuple[str, ...] = ()
    called: bool = False
    is_bound: bool = True


class Places:
    """The places of all files; `index_of` gives the index of the tree, if it is needed."""

    def __init__(self, memories: Mapping[str, Memory], index_of: Callable[[], Index]) -> None:
        self._index_of = index_of
        self._values: dict[Place, list[str]] = defaultdict(list)
        self._handed: dict[Place, list[str]] = defaultdict(list)
        self._classes = Classes(memories)
        self._members: dict[str, set[Place]] = defaultdict(set)
        self._classes_at: dict[Place, tuple[set[Place], bool]] = {}
        # What origins stand for, with the steps that it took, and what was seen of it where there
        # were too many.
        self._complete: dict[Place, tuple[tuple[_Thing, ...], int]] = {}
        self._cut: dict[tuple[Place, int], tuple[_Thing, ...]] = {}
        self._came_to = 0
        self._definitions: dict[Place, tuple[Place, ...]] = {}
        self._stars: dict[str, tuple[str, ...]] = {}
        for path, one in memories.items():
            for name, origin in one.holding.values:
                self._values[path, name].append(origin)
            for key, _, called in one.asking:
                origins = [origin for written, origin in called if not written]
                if origins:
                    self._handed[path, key.partition("#")[0]] += origins
            said = [name for name, _ in one.holding.values] + [asking.key for asking in one.asking]
            own = [origin[1:] for origin in one.holding.changed if origin.startswith("@")]
            for name in (*said, *one.telling, *own):
                self._note(path, plain_name(name))

    def asked(self, path: str, origin: str) -> Iterator[tuple[Place, bool]]:
        """Yield the places that an origin of `Asking` may stand for.

        With each, whether it is a matter of the object that a function is a method of.
        """
        if not origin.startswith("@"):
            for thing in self._things(path, origin):
                yield from ((place, False) for place in self._asked(thing))
            return
        owner, _, name = origin[1:].removesuffix("()").rpartition(".")
        for file, one in self._having(name, (path, owner), down=True):
            yield (file, f"{one}.{name}"), False
            yield (file, f"{one}:{name}"), True
            yield (file, f"{one}!{name}"), True
            for thing in self._made_from(file, f"{one}.{name}"):
                yield from ((place, False) for place in self._asked(thing))

    def changed(self, path: str, origin: str) -> Iterator[Place]:
        """Yield the places that an origin of `Holding.changed` stands for."""
        receiver, _, method = origin.rpartition(".")
        if origin.startswith("?"):
            yield "", GIVEN + origin[1:]
        elif origin.startswith("@"):
            yield from self._changed_of_self(path, origin[1:])
        elif not method.endswith("()"):
            for thing in self._things(path, origin):
                yield from self._changed(thing)
        elif receiver.strip("."):
            for thing in self._things(path, receiver):
                # What a method of a class of the project changes, the method says itself.
                if thing.is_bound and (thing.rest or not self._classes_of(thing)[0]):
                    yield from self._changed(thing)

    def _note(self, path: str, member: str) -> None:
        owner, dot, name = member.partition("#")[0].rpartition(".")
        if dot:
            self._members[name].add((path, owner))

    def _having(self, name: str, place: Place, *, down: bool = False) -> Iterable[Place]:
        """Return those of the relatives of a class of which something is said about a member."""
        return self._members.get(name, set()).intersection(self._classes.related(place, down=down))

    def outlives(self, owner: str) -> bool:
        """Whether a module or class holds an object of a class, or of one derived from it."""
        return owner.rpartition(".")[2] in self._held

    @cached_property
    def _held(self) -> frozenset[str]:
        made = {
            last_name(origin)
            for origins in self._values.values()
            for origin in origins
            if origin.endswith("()")
        }
        return self._classes.names_above(made)

    def _asked(self, thing: _Thing) -> Iterator[Place]:
        path, name, rest, called, _ = thing
        rest = tuple(one.removesuffix("()") for one in rest[:1])
        yield path, name
        if self._classes.has((path, name)):
            member = rest[0] if rest else "__new__"
            for file, one in self._having(member, (path, name)):
                yield file, f"{one}.{member}"
                if called and rest and self._having("__new__", (path, name)):
                    yield file, f"{one}:{member}"  # it may give the same object again
        elif rest:
            yield path, f"{name}.{rest[0]}"
            yield "", GIVEN + rest[0]
            classes, is_unknown = self._classes_of(thing)
            for file, one in classes & self._members.get(rest[0], set()):
                yield file, f"{one}.{rest[0]}"
                yield file, f"{one}:{rest[0]}"
            if is_unknown:
                yield "", ANY + rest[0]

    def _changed(self, thing: _Thing) -> Iterator[Place]:
        path, name, rest, called, _ = thing
        if called:
            return
        if rest and rest[0].endswith("()"):
            if self._classes.has((path, name)):
                return
            rest = ()  # what a method gives belongs to the object
        yield path, ".".join((name, *rest[:1]))
        if rest:
            self._note(path, f"{name}.{rest[0]}")
        if rest and not self._classes.has((path, name)):
            for file, one in self._classes_of(thing)[0]:
                self._note(file, f"{one}.{rest[0]}")
                yield file, f"{one}:{rest[0]}"

    def _changed_of_self(self, path: str, place: str) -> Iterator[Place]:
        if "*" not in place:
            yield path, place
            return
        owner, _, name = place.partition("*")
        yield path, f"{owner}:{name}"
        for file, one in self._classes.related((path, owner), down=False):
            if "" in self._values.get((file, f"{one}.{name}"), ()):
                yield file, f"{one}.{name}"  # the class made the container

    def _classes_of(self, thing: _Thing) -> tuple[set[Place], bool]:
        """Return the classes that a variable is an object of, and whether there may be others."""
        place = (thing.path, thing.name)
        if place not in self._classes_at:
            found: set[Place] = set()
            is_unknown = False
            for origin in self._values.get(place, ()):
                if origin.endswith("()"):
                    for made in self._things(thing.path, origin[:-2]):
                        if self._classes.has((made.path, made.name)) and not made.rest:
                            found.update(self._classes.related((made.path, made.name), down=False))
                        else:
                            is_unknown = True
            self._classes_at[place] = found, is_unknown
        return self._classes_at[place]

    def _things(self, path: str, origin: str, depth: int = 0) -> tuple[_Thing, ...]:
        # What an absolute name stands for is the same in all files.
        key = (path if origin[0] in ".:" else "", origin)
        things, height = self._complete.get(key, ((), _DEEPEST + 1))
        if depth + height <= _DEEPEST:
            self._came_to = max(self._came_to, depth + height)
            return things
        if depth > _DEEPEST:
            self._came_to = depth
            return ()
        if (key, depth) in self._cut:
            self._came_to = _DEEPEST + 1
            return self._cut[key, depth]
        before, self._came_to = self._came_to, depth
        if origin.startswith(":"):
            found = self._own(path, origin[1:].split("."), depth)
        else:
            found = self._imported(path, origin, depth)
        things = tuple(dict.fromkeys(found))
        if self._came_to <= _DEEPEST:
            self._complete[key] = things, self._came_to - depth
        else:
            self._cut[key, depth] = things  # from less deep, more is seen
        self._came_to = max(before, self._came_to)
        return things

    def _own(self, path: str, names: Sequence[str], depth: int) -> Iterator[_Thing]:
        """Yield what names stand for of which a file defines the first."""
        name, *rest = names
        called = name.endswith("()")
        name = name.removesuffix("()")
        while rest and self._classes.has((path, name)):
            inner = f"{name}.{rest[0].removesuffix('()')}"
            if not self._classes.has((path, inner)) and (path, inner) not in self._values:
                break
            called = rest[0].endswith("()")
            name, *rest = inner, *rest[1:]
        is_class = self._classes.has((path, name))
        if called and (path, f"{name}()") in self._values:
            yield _Thing(path, f"{name}()", tuple(rest))  # the same object each time
        if is_class and rest and rest[0].endswith("()"):
            yield from self._made_from(path, f"{name}.{rest[0]}", rest[1:], depth)
        yield from self._made_from(path, name + "()" * called, rest, depth)
        if "." in name and not is_class:
            owner, _, attribute = name.rpartition(".")
            yield _Thing(path, owner, (attribute, *rest))
        yield _Thing(path, name, () if called and not is_class else tuple(rest), called)

    def _made_from(
        self, path: str, name: str, rest: Sequence[str] = (), depth: int = 0
    ) -> Iterator[_Thing]:
        """Yield what else a name of a file stands for, and what a function hands on."""
        plain = name.removesuffix("()")
        found = [
            one if plain == name else f"{one}()"
            for one in self._values.get((path, plain), ())
            if one and not one.endswith("()")
        ]
        if plain != name:
            found += self._handed.get((path, plain), ())
        for origin in found:
            place = origin.replace("@", ":")
            yield from self._things(path, ".".join((place, *rest)), depth + 1)

    def _imported(self, path: str, origin: str, depth: int) -> Iterator[_Thing]:
        name = origin.lstrip(".")
        base = path
        for _ in range(len(origin) - len(name)):
            base = dirname(base)
        modules = self._index.modules
        parts = name.split(".")
        is_module = False
        for length in reversed(range(len(parts))):
            module, rest = parts[:length], parts[length:]
            if base != path:
                files: Collection[str] = modules.place("/" + join(base, *module))
            else:
                files = modules.find(".".join(module)) if module else ()
            for file in files:
                yield from self._in_module(file, rest, depth, is_module=is_module)
            is_module = bool(files)

    def _in_module(
        self, file: str, names: Sequence[str], depth: int, *, is_module: bool = False
    ) -> Iterator[_Thing]:
        """Yield what names of a module stand for.

        The first may be known to be a module of the package.
        """
        index = self._index
        if file not in index.paths:
            return
        name, *rest = names
        called = name[len(name.removesuffix("()")) :]
        name = name.removesuffix("()")
        for module in index.modules_named(file, name) if rest else ():
            yield from self._in_module(module, rest, depth)
        if not index.binders(file, name) and not is_module:
            for thing in self._own(file, names, depth):
                yield thing._replace(is_bound=False)
        for path, found in self._defined(file, name):
            yield from self._own(path, (found + called, *rest), depth)

    def _defined(self, file: str, name: str) -> tuple[Place, ...]:
        """Return where a name of a module is defined, star imports included."""
        if (file, name) not in self._definitions:
            index = self._index
            found: dict[Place, None] = {}
            pending = [file]
            seen = {file}
            while pending:
                one = pending.pop()
                if index.binders(one, name):
                    found.update(dict.fromkeys(index.definitions(one, name)))
                    continue
                new = [other for other in self._stars_of(one) if other not in seen]
                seen.update(new)
                pending += new
            self._definitions[file, name] = tuple(found)
        return self._definitions[file, name]

    def _stars_of(self, file: str) -> tuple[str, ...]:
        """Return the files that a module takes all names of."""
        if file not in self._stars:
            index = self._index
            imports = index.facts_of(file).imports if file in index.paths else ()
            found = (
                other
                for item in imports
                if item.name == "*"
                for other in index.modules.imported(item, file)
                if other in index.paths
            )
            self._stars[file] = tuple(dict.fromkeys(found))
        return self._stars[file]

    @cached_property
    def _index(self) -> Index:
        return self._index_of()
