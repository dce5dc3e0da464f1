"""Keeps the bytecode of the project in a private cache, and uses the ordinary one for the rest.

`sys.pycache_prefix` alone would hide the cache of the standard library and of every installed
package as well: the first run of each project would compile them all again.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_INSTALLED = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)


def redirect(places: Sequence[str], prefix: str) -> None:
    """From now on, cache the bytecode of files below `places` under `prefix` only.

    Other files are read from the cache beside them where there is one; whatever else is compiled
    goes to `prefix` too, so nothing is ever written beside a source file. The interpreter starts
    without any of this (see `covgate.run.environment.for_start`): only from here on can it be done.
    """
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = prefix
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    machinery: Any = sys.modules["_frozen_importlib_external"]
    original = machinery.cache_from_source
    starts = tuple(place + os.sep for place in places)

    def cache_from_source(path: Any, *args: Any, **kwargs: Any) -> str:
        private: str = original(path, *args, **kwargs)
        name = os.fsdecode(path)
        if sys.pycache_prefix != prefix or not os.path.isabs(name):
            return private
        if name.startswith(starts) and not any(folder in name for folder in _INSTALLED):
            return private
        beside = os.path.join(os.path.dirname(name), "__pycache__", os.path.basename(private))
        return beside if os.path.exists(beside) else private

    machinery.cache_from_source = cache_from_source


def read_rewritten(prefix: str) -> None:
    """Let pytest read the plugins that it has rewritten before from where it keeps them itself."""
    from _pytest.assertion import rewrite

    original = getattr(rewrite, "get_cache_dir", None)
    if original is None:
        return

    def get_cache_dir(file_path: Any) -> Any:
        beside = file_path.parent / "__pycache__"
        rewritten = beside / (file_path.stem + rewrite.PYC_TAIL)
        is_installed = any(folder in str(file_path) for folder in _INSTALLED)
        if sys.pycache_prefix == prefix and is_installed and rewritten.exists():
            return beside
        return original(file_path)

    rewrite.get_cache_dir = get_cache_dir
