"""The JSON schema of the settings, for editors; made from their definition.

`python -m covgate.config.schema > src/covgate/config/covgate.schema.json` writes it anew.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from covgate.config.keys import is_list, keys_of, members
from covgate.config.model import Settings
from covgate.config.validation import DURATION

if TYPE_CHECKING:
    from covgate.config.keys import Key
    from covgate.config.model import Meta

_PLAIN: dict[object, dict[str, object]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    date: {"type": "string", "format": "date"},
}


def schema(settings: type = Settings) -> dict[str, object]:
    """Return the schema of `[tool.covgate]`, which is that of covgate.toml as well (draft 7)."""
    definitions: dict[str, object] = {}
    table = _table(settings, "#", definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of covgate",
        **table,
        "definitions": definitions,
    }


def render() -> str:
    """Return the text of the schema file."""
    return json.dumps(schema(), indent=2) + "\n"


def _define(settings: type, definitions: dict[str, object]) -> dict[str, object]:
    """Add a settings class to the definitions, and return a reference to it."""
    pointer = f"#/definitions/{settings.__name__}"
    if settings.__name__ not in definitions:
        definitions[settings.__name__] = _table(settings, pointer, definitions)
    return {"$ref": pointer}


def _table(settings: type, pointer: str, definitions: dict[str, object]) -> dict[str, object]:
    keys = keys_of(settings).values()
    table: dict[str, object] = {
        "type": "object",
        "description": settings.__doc__,
        "additionalProperties": False,
        "properties": {key.name: _property(key, definitions) for key in keys},
    }
    # The underscore spelling is right as well, but editors need not offer it.
    spellings = {
        f"^{key.attribute}$": {"$ref": f"{pointer}/properties/{key.name}"}
        for key in keys
        if key.attribute != key.name
    }
    if spellings:
        table["patternProperties"] = spellings
    if required := [key for key in keys if key.required]:
        table["allOf"] = [
            {"anyOf": [{"required": [name]} for name in sorted({key.name, key.attribute})]}
            for key in required
        ]
    return table


def _property(key: Key, definitions: dict[str, object]) -> dict[str, object]:
    options = _options(key.hint, key.meta, definitions)
    entry: dict[str, object] = {"description": key.meta.doc}
    if len(options) > 1 or "$ref" in options[0]:  # nothing may stand beside a reference
        entry["anyOf"] = options
    else:
        entry |= options[0]
    if key.default is not MISSING and key.default is not None and not is_dataclass(key.default):
        entry["default"] = _json(key.default)
    if key.meta.example is not None:
        entry["examples"] = [_json(key.meta.example)]
    return entry


def _options(hint: Any, meta: Meta, definitions: dict[str, object]) -> list[dict[str, object]]:
    options: list[dict[str, object]] = []
    for kind in members(hint):
        options += [new for new in _kind(kind, meta, definitions) if new not in options]
    return options


def _kind(kind: Any, meta: Meta, definitions: dict[str, object]) -> list[dict[str, object]]:
    """Return the ways in which a value of this type can be written."""
    if get_origin(kind) is Literal:
        return [{"enum": list(get_args(kind))}]
    if is_dataclass(kind):
        return [_define(kind, definitions)]  # type: ignore[arg-type]  # a class
    if is_list(kind):
        return _list(get_args(kind)[0], meta, definitions)
    entry = dict(_PLAIN[kind])
    if kind is str and meta.format == "regex":
        entry["format"] = "regex"
    if kind in (int, float):
        limits = {
            "exclusiveMinimum": meta.above,
            "minimum": meta.minimum,
            "maximum": meta.maximum,
        }
        entry |= {name: limit for name, limit in limits.items() if limit is not None}
        if meta.format == "duration":
            return [entry, {"type": "string", "pattern": f"^{DURATION}$"}]
    return [entry]


def _list(item: Any, meta: Meta, definitions: dict[str, object]) -> list[dict[str, object]]:
    options = _options(item, meta, definitions)
    entry: dict[str, object] = {
        "type": "array",
        "items": options[0] if len(options) == 1 else {"anyOf": options},
    }
    if meta.min_items:
        entry["minItems"] = meta.min_items
    return [entry, {"type": "string"}] if item is str else [entry]


def _json(value: object) -> object:
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


if __name__ == "__main__":
    print(render(), end="")
