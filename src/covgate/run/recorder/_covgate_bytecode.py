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
    goes to `prefix` too, so nothing is ever written beside a source file.
    """
    sys.pycache_prefix = prefix
    sys.dont_write_bytecode = False
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
