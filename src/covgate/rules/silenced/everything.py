"""Share the files of a whole project among processes: each file is judged by itself there.

Only for trees without a base. Trees of syntax make the collector look at millions of objects,
none of them garbage, so it rests meanwhile.
"""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
# Below this many files, starting processes costs more than it saves.
_MANY = 200
_BATCH = 40
_MUCH = 1_000_000
_WORK: list[Callable[[str], object]] = []


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector from looking at what is not garbage."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
            if gc.get_count()[0] > _MUCH:  # what was made lives to the end, and is no garbage
                gc.freeze()


def for_each(paths: Sequence[str], judge: Callable[[str], list[T]]) -> Iterator[T]:
    """Yield what `judge` finds in each file, in the order of `paths`.

    `judge` may run in forked processes, so that what it finds must be plain values.
    """
    count = min(os.cpu_count() or 1, 8)
    if len(paths) < _MANY or count < 2 or not hasattr(os, "fork"):
        for path in paths:
            yield from judge(path)
        return
    batches = [tuple(paths[start : start + _BATCH]) for start in range(0, len(paths), _BATCH)]
    _WORK.append(judge)
    try:
        found = _in_processes(batches, count)
    except (OSError, RuntimeError, ImportError):
        found = [_batch(batch) for batch in batches]
    finally:
        _WORK.pop()
    for some in found:
        yield from some  # type: ignore[misc]


def _in_processes(batches: list[tuple[str, ...]], count: int) -> list[list[object]]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(count, mp_context=get_context("fork")) as pool:
        return list(pool.map(_batch, batches))


def _batch(paths: tuple[str, ...]) -> list[object]:
    judge = _WORK[-1]
    return [item for path in paths for item in judge(path)]  # type: ignore[attr-defined]
