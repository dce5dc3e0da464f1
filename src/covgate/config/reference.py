"""The reference of the settings in the docs; made from their definition.

`python -m covgate.config.reference > docs/configuration.md` writes it anew.
"""

from __future__ import annotations

import json
from dataclasses import MISSING
from datetime import date
from typing import TYPE_CHECKING

from covgate.config.keys import describe, keys_of, table_of
from covgate.config.model import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.config.keys import Key

_INTRODUCTION = """\
<!-- Made by `python -m covgate.config.reference`; change src/covgate/config/model.py instead. -->

# Configuration

covgate needs no configuration. What is set is read from the tree that is to be committed, from
one of these places at the top of the repository; two at once are an error:

| place | where the keys stand |
| --- | --- |
| `covgate.toml` | at the top level of the file |
| `pyproject.toml` | in `[tool.covgate]` and its sub-tables |
| `setup.cfg` | in `[covgate]` or `[tool:covgate]`; sub-tables are sections such as \
`[covgate:diff-coverage]` |

- A key may be spelled with underscores as well: `max_missing` is `max-missing`.
- Where a list of strings is due, one string is a list of one.
- Globs and paths are relative to the repository, with forward slashes.
- In `setup.cfg` a list has one item per line, or items with commas between them on one line;
  booleans are `true`, `yes`, `on`, `1` and `false`, `no`, `off`, `0`. Of a list of tables each
  item is a section with a label of its own: `[covgate:diff-coverage:override:legacy]`.
- Every mistake is reported at once, with its file, line and key; covgate then ends with exit
  code 2.

Editors complete and check the keys with the JSON schema `covgate.schema.json` that is part of the
package `covgate.config`.
"""


def render() -> str:
    """Return the text of the reference."""
    return f"{_INTRODUCTION}\n{tables(Settings)}"


def tables(settings: type) -> str:
    """Return the tables of all keys, section by section."""
    return "\n".join(_section(settings, "tool.covgate", "", is_list=False))


def toml(value: object) -> str:
    """Return a value as TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(toml(item) for item in value)}]"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _section(settings: type, name: str, doc: str, *, is_list: bool) -> Iterator[str]:
    keys = keys_of(settings).values()
    yield f"## `[[{name}]]`" if is_list else f"## `[{name}]`"
    yield ""
    if doc:
        words = f"{settings.__doc__}"
        yield words if words.startswith(doc.rstrip(".")) else f"{doc} {words}"
        yield ""
    rows = [_row(key) for key in keys if table_of(key.hint) is None]
    if rows:
        yield "| key | value | default | meaning | example |"
        yield "| --- | --- | --- | --- | --- |"
        yield from rows
        yield ""
    for key in keys:
        if inner := table_of(key.hint):
            yield from _section(inner[0], f"{name}.{key.name}", key.meta.doc, is_list=inner[1])


def _row(key: Key) -> str:
    default = "required" if key.default is MISSING else "none"
    if key.default is not None and key.default is not MISSING:
        default = f"`{toml(key.default)}`"
    cells = (
        f"`{key.name}`",
        describe(key.hint, key.meta),
        default,
        key.meta.doc,
        f"`{key.name} = {toml(key.meta.example)}`",
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    print(render(), end="")
