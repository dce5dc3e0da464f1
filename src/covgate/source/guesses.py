"""Facts without a parser: for text that is no valid Python here, and for scripts."""

from __future__ import annotations

import re

from covgate.source.abilities import DISCOVERING, IMPORTING, TRAITS
from covgate.source.facts import ImportFacts, Trait
from covgate.source.words import code_imports, no_words, read_text

_STRING = re.compile(
    r"\"\"\"(.*?)\"\"\"|'''(.*?)'''|\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'", re.S
)
_RELATIVE = re.compile(r"\bfrom[ \t]+(\.+[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n#;]+)")
_NAME = re.compile(r"[^\W\d]\w*")
_HOOK = re.compile(r"\bdef[ \t]+(pytest_\w+)")
_STAR = re.compile(r"\bfrom[ \t]+([\w.]+)[ \t]+import[ \t]*\*")


def text_facts(data: bytes) -> ImportFacts:
    """Return guesses on the safe side for text that is no valid Python, or another language."""
    text = data.decode("utf-8", "replace").replace("\\\n", " ")
    words = no_words()
    code_imports(text, words.modules)
    relative: set[str] = set()
    for found in _RELATIVE.finditer(text):
        stem = found[1] if found[1].endswith(".") else found[1] + "."
        relative.add(found[1])
        relative.update(stem + name for name in _NAME.findall(found[2]))
    words.packages.update(found[1] for found in _STAR.finditer(text))
    for groups in _STRING.findall(text):
        for value in groups:
            read_text(value, words)
    read_text(text[:1_000_000] + "\n", words)
    names = set(_NAME.findall(text))
    traits = Trait.UNPARSED
    for name in names & TRAITS.keys():
        traits |= TRAITS[name]
    if "git" in names:
        traits |= Trait.GIT
    if "sys" in names and "path" in names:
        traits |= Trait.PATHS
    if ".." in text:
        traits |= Trait.CLIMBS
    loaders = names & (IMPORTING | DISCOVERING | {"exec"})
    line = 0
    if loaders:
        first = min(text.find(name) for name in loaders)
        line = text.count("\n", 0, first) + 1
    plugins = words.words if "pytest_plugins" in names else set()
    return ImportFacts(
        frozenset(words.modules),
        frozenset(relative),
        frozenset(words.packages),
        frozenset(words.words | names),
        frozenset(words.globs),
        frozenset(plugins),
        frozenset(_HOOK.findall(text)),
        line,
        traits,
    )
