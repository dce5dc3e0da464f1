"""What the recorder uses of the standard library, as it was before any test replaced a part.

Tests patch `os.open`, `json.dumps` or `time.time`, and some forget to put back what was there: the
recorder works with copies of the modules' names, and reports with the originals in place.
"""

from __future__ import annotations

import builtins
import genericpath
import io
import json
import os
import shutil
import tempfile
import time
import types
from typing import TYPE_CHECKING

__all__ = ["copy_file", "json", "open_file", "os", "put_back", "time", "which"]

_REPORTING = (builtins, io, json, json.encoder, json.decoder, os, os.path, tempfile, time)
_BEFORE = [(module, dict(vars(module))) for module in _REPORTING]


def _copy(module: types.ModuleType, *parts: types.ModuleType) -> types.ModuleType:
    """Return a module of the same names whose functions find each other there.

    `parts` are further modules that its functions come from.
    """
    copy = types.ModuleType(module.__name__)
    names = vars(copy)
    names.update(vars(module))
    known = [id(vars(one)) for one in (module, *parts)]
    for name, value in list(names.items()):
        if isinstance(value, types.FunctionType) and id(value.__globals__) in known:
            own = types.FunctionType(
                value.__code__, names, value.__name__, value.__defaults__, value.__closure__
            )
            own.__kwdefaults__ = value.__kwdefaults__
            names[name] = own
    return copy


def put_back() -> None:
    """Give coverage's reports the library that they would find in a process of their own."""
    for module, names in _BEFORE:
        vars(module).update(names)


open_file = open
which = shutil.which
copy_file = shutil.copy2

if not TYPE_CHECKING:
    path = _copy(os.path, genericpath)
    os, json, time = _copy(os), _copy(json), _copy(time)
    vars(os)["path"] = path
    vars(path)["os"] = os
