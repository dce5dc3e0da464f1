"""What a settings class says about each of its keys beyond the type."""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["error", "warning", "off"]
Format = Literal["", "glob", "path", "regex", "duration", "args"]


class Meta(NamedTuple):
    """What a type cannot say about a key: its meaning, an example, limits of its value.

    `above` is a minimum that is itself excluded; `format` narrows strings (a duration narrows a
    float: seconds, or a string such as "10m").
    """

    doc: str
    example: object = None
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    min_items: int = 0
    format: Format = ""


def describe_key(
    doc: str,
    example: object = None,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    min_items: int = 0,
    format: Format = "",  # noqa: A002 - the word of JSON schema
) -> dict[str, Meta]:
    return {"meta": Meta(doc, example, minimum, maximum, above, min_items, format)}


LEVEL = describe_key("error blocks, warning only reports, off does not look.", "warning")
