"""What a string constant can name: modules, files, folders, and the code inside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer texts are prose or programs: only tokens with a dot or a slash count there.
_SHORT = 200
_LONGEST_TOKEN = 100
_TOKEN = re.compile(r"[\w.*?%{}@+#~\[\]-]+")
_PATH = re.compile(r"[\w.*?%{}@+#~\[\]/\\-]+")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_PLACEHOLDER = re.compile(r"%(?:\(\w*\))?[-#0-9 +.]*[a-zA-Z]|\{[^{}]*\}")
_OPEN_ENDED = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)\.(?:\*.*)?")
_IMPORT = re.compile(r"\bimport[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)")
_FROM = re.compile(
    r"\bfrom[ \t]+([\w.]+)[ \t]+import[ \t]*"
    r"(\([^)]*\)|[\w*]+(?:[ \t]+as[ \t]+\w+)?(?:[ \t]*,[ \t]*\w+)*)"
)
_PROMPT = re.compile(r"^\s*(?:>>>|\.\.\.) ?(.*)$", re.MULTILINE)


class Words(NamedTuple):
    """`words` are tokens, path components and dotted names with their prefixes; `globs` are
    patterns of file names; `modules` are imported by code in the text; all below `packages`
    may be loaded."""

    words: set[str]
    globs: set[str]
    modules: set[str]
    packages: set[str]


def no_words() -> Words:
    """Return an empty collection to read strings into."""
    return Words(set(), set(), set(), set())


def prefixes(dotted: str) -> Iterator[str]:
    """Yield `a`, `a.b` and `a.b.c` for `a.b.c`: importing a module runs its packages."""
    end = dotted.find(".")
    while end > 0:
        yield dotted[:end]
        end = dotted.find(".", end + 1)
    yield dotted


def read_text(text: str, into: Words) -> None:
    """Add what the constant `text` names; placeholders of f-strings are given as `*`."""
    if "import" in text:
        code_imports(text, into.modules)
    if "%" in text or "{" in text:
        text = _PLACEHOLDER.sub("*", text)
    if len(text) > _SHORT or "\n" in text:
        text = " ".join(t for t in _PATH.findall(text) if "." in t or "/" in t or "\\" in t)
    for token in _TOKEN.findall(text):
        if len(token) <= _LONGEST_TOKEN:
            _read_token(token, into)


def read_docstring(text: str, into: Words) -> None:
    """Add what the examples of a docstring name; the prose depends on nothing."""
    if ">>>" in text:
        read_text("\n".join(_PROMPT.findall(text)), into)


def _read_token(token: str, into: Words) -> None:
    if token in {".", ".."}:
        into.words.add(token)
        return
    plain = token.rstrip(".")
    if _DOTTED.fullmatch(plain):
        into.words.update(prefixes(plain))
    elif plain:
        into.words.add(plain)
    if "*" in token or "?" in token or "[" in token:
        into.globs.add(token)
    elif token.startswith("."):
        into.globs.add("*" + token)
    if "." in token and (found := _OPEN_ENDED.fullmatch(token)):
        into.packages.add(found[1])


def code_imports(text: str, into: set[str]) -> None:
    """Add the modules that program text inside a string imports."""
    for found in _IMPORT.finditer(text):
        for name in found[1].split(","):
            if not name.strip().startswith("."):
                into.update(prefixes(name.strip().rstrip(".")))
    for found in _FROM.finditer(text):
        base = found[1]
        if not base.startswith("."):
            into.update(prefixes(base))
            into.update(f"{base}.{name}" for name in re.findall(r"\w+", found[2]))
