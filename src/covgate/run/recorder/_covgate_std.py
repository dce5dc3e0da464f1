"""What the recorder uses of the standard library, as it was before any test replaced a part.

Tests patch `os.open`, `json.dumps` or `time.time`, and some forget to put back what was there: the
recorder works with copies of the modules' names, and reports with the originals in place.
"""

from __future__ import annotations

import builtins
import io
import json
import os
import tempfile
import time
import types
from typing import TYPE_CHECKING

__all__ = ["json", "os", "put_back", "time"]

_REPORTING = (builtins, io, json, json.encoder, json.decoder, os, os.path, tempfile, time)
_BEFORE = [(module, dict(vars(module))) for module in _REPORTING]


def _copy(module: types.ModuleType) -> types.ModuleType:
    copy = types.ModuleType(module.__name__)
    vars(copy).update(vars(module))
    return copy


def put_back() -> None:
    """Give coverage's reports the library that they would find in a process of their own."""
    for module, names in _BEFORE:
        vars(module).update(names)


if not TYPE_CHECKING:
    path = _copy(os.path)
    os, json, time = _copy(os), _copy(json), _copy(time)
    vars(os)["path"] = path
