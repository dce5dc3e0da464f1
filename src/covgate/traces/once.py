"""What is asked of functions: once for each of them, whichever tests ran it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from covgate.source.blocks.facts import Body
    from covgate.traces.model import Input

T = TypeVar("T")


class Once(Generic[T]):
    """Answers of `ask`, which is given the facts of a function and its file.

    `body_of` gives the facts that an input is about, None when there are none.
    """

    def __init__(
        self, body_of: Callable[[Input], Body | None], ask: Callable[[Body, str], Iterable[T]]
    ) -> None:
        self._body_of = body_of
        self._ask = ask
        self._known: dict[Input, frozenset[T]] = {}

    def of(self, inputs: Iterable[Input]) -> set[T]:
        """Return what the functions among some inputs answer, all together."""
        found: set[T] = set()
        for one in inputs:
            known = self._known.get(one)
            if known is None:
                body = self._body_of(one) if one.kind == "body" else None
                known = frozenset() if body is None else frozenset(self._ask(body, one.path))
                self._known[one] = known
            if known:
                found |= known
        return found
