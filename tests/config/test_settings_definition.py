"""The schema, the reference and the definition of the settings say the same."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from covgate.config import reference, schema
from covgate.config.keys import Key, describe, keys_of, table_of
from covgate.config.model import Meta, PathTarget, Settings
from covgate.config.tomlfile import parse_toml
from covgate.config.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


def classes(settings: type = Settings) -> Iterator[type]:
    yield settings
    for key in keys_of(settings).values():
        if inner := table_of(key.hint):
            yield from classes(inner[0])


KEYS = {
    f"{settings.__name__}.{key.name}": (settings, key)
    for settings in classes()
    for key in keys_of(settings).values()
}


@pytest.mark.parametrize(
    ("module", "path"),
    [(schema, "src/covgate/config/covgate.schema.json"), (reference, "docs/configuration.md")],
    ids=["schema", "reference"],
)
def test_the_committed_file_is_up_to_date(module: Any, path: str) -> None:
    name = module.__name__
    assert (ROOT / path).read_text("utf-8") == module.render(), f"python -m {name} > {path}"


@pytest.mark.parametrize(("settings", "key"), KEYS.values(), ids=KEYS)
def test_every_key_says_what_it_means_and_takes_its_example(settings: type, key: Key) -> None:
    assert key.meta.doc.endswith(".")
    assert describe(key.hint, key.meta)
    if table_of(key.hint):
        return
    assert key.meta.example is not None
    text = f"{key.name} = {reference.toml(key.meta.example)}"
    table = parse_toml("example", text.encode())
    _, mistakes = validate(settings, table)
    assert not [mistake for mistake in mistakes if not mistake.message.startswith("missing")]
    assert f"`{text}`" in reference.render().replace("\\|", "|")


@pytest.mark.parametrize("settings", list(classes()), ids=lambda settings: settings.__name__)
def test_defaults_are_values_that_may_be_given(settings: type) -> None:
    lines = (
        f"{key.name} = {reference.toml(key.default)}"
        for key in keys_of(settings).values()
        if not key.required and key.default is not None and not table_of(key.hint)
    )
    table = parse_toml("defaults", "\n".join(lines).encode())
    value, mistakes = validate(settings, table)
    assert all(mistake.message.startswith("missing") for mistake in mistakes)
    assert mistakes or value == settings()


def test_settings_can_be_changed_from_outside() -> None:
    changed = dataclasses.replace(Settings(), timeout=1.0)
    assert changed != Settings()
    assert hash(changed) != hash(Settings())


def test_the_schema_has_every_key_in_both_spellings() -> None:
    found = schema.schema()
    definitions = {"Settings": found, **found["definitions"]}  # type: ignore[dict-item]
    for settings in classes():
        table: Any = definitions[settings.__name__]
        assert table["additionalProperties"] is False
        assert list(table["properties"]) == list(keys_of(settings))
        underscored = {f"^{key.attribute}$" for key in keys_of(settings).values()}
        bare = {f"^{name}$" for name in keys_of(settings)}
        assert set(table.get("patternProperties", {})) == underscored - bare


def test_the_schema_demands_what_is_required() -> None:
    definitions: Any = schema.schema()["definitions"]
    assert definitions[PathTarget.__name__]["allOf"] == [
        {"anyOf": [{"required": ["paths"]}]},
        {"anyOf": [{"required": ["target"]}]},
    ]


def _meta(**limits: Any) -> dict[str, Meta]:
    return {"meta": Meta("What it means.", **limits)}


@dataclass(frozen=True)
class Kinds:
    """Kinds of keys that the settings may get."""

    day: date = field(metadata=_meta())
    until: date | None = field(default=None, metadata=_meta(example=date(2026, 3, 31)))
    choice: Literal["a", 1] = field(default="a", metadata=_meta())
    wait: float = field(default=1.5, metadata=_meta(above=0, format="duration"))
    numbers: tuple[int | str, ...] = field(default=(1, "x"), metadata=_meta(minimum=0))
    either: Literal["off"] | PathTarget = field(default="off", metadata=_meta())


SCHEMAS: dict[str, dict[str, Any]] = {
    "day": {"type": "string", "format": "date"},
    "until": {"type": "string", "format": "date", "examples": ["2026-03-31"]},
    "choice": {"enum": ["a", 1], "default": "a"},
    "wait": {
        "anyOf": [
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?[hms])+$"},
        ],
        "default": 1.5,
    },
    "numbers": {
        "type": "array",
        "items": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]},
        "default": [1, "x"],
    },
    "either": {
        "anyOf": [{"enum": ["off"]}, {"$ref": "#/definitions/PathTarget"}],
        "default": "off",
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_of_each_kind(name: str) -> None:
    made: Any = schema.schema(Kinds)
    assert made["properties"][name] == {"description": "What it means.", **SCHEMAS[name]}
    assert json.loads(json.dumps(made)) == made


def test_reference_of_each_kind() -> None:
    text = reference.tables(Kinds)
    rows = [line for line in text.split("\n") if line.startswith("|") and "What it means" in line]
    assert [row.split(" | ")[1:3] for row in rows] == [
        ["a date such as 2026-03-31", "required"],
        ["a date such as 2026-03-31", "none"],
        ['"a" or 1', '`"a"`'],
        ['seconds, or a duration such as "90s" or "10m", above 0', "`1.5`"],
        ["a list, each a whole number from 0 on or a string", '`[1, "x"]`'],
    ]
    assert "## `[tool.covgate.either]`" in text
