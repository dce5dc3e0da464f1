"""The words in which mistakes in the settings are told."""

from __future__ import annotations

from covgate.config.keys import keys_of, table_of


def unknown(written: str, settings: type, root: type) -> str:
    """Return what to say of a key that does not exist: the right one, where it can be told."""
    keys = keys_of(settings)
    name = written.replace("_", "-")
    tables = ((key.name, table_of(key.hint)) for key in keys.values())
    homes = [section for section, table in tables if table and name in keys_of(table[0])]
    if len(homes) == 1:
        return f'unknown key; did you mean "{homes[0]}.{name}"?'
    if homes:
        return f"unknown key; it belongs into one of the sections {', '.join(homes)}"
    if settings is not root and name in keys_of(root):
        return "unknown key; it belongs into the main section, before the first sub-section"
    if near := nearest(name, tuple(keys)):
        return f'unknown key; did you mean "{near}"?'
    return f"unknown key; the keys are {', '.join(keys)}"


def nearest(written: str, choices: tuple[str, ...]) -> str | None:
    """Return the choice that is spelled most like what was written, if one is."""
    import difflib

    spelled = {str(choice).lower(): str(choice) for choice in choices}
    near = difflib.get_close_matches(written.lower(), spelled, n=1, cutoff=0.6)
    return spelled[near[0]] if near else None


def show(value: object) -> str:
    """Return a value for a message: short, in the spelling of the file."""
    match value:
        case str():
            shown = quote(value if len(value) <= 60 else value[:57] + "...")
        case bool():
            shown = "true" if value else "false"
        case int() if value.bit_length() > 128:
            shown = "a huge number"
        case dict():
            shown = "a table"
        case list():
            shown = "a list" if value else "an empty list"
        case _:
            shown = str(value)
    return shown


def quote(text: str) -> str:
    """Return a string in quotes, without characters that a terminal would act on."""
    import json

    return json.dumps(text, ensure_ascii=not text.isprintable())
