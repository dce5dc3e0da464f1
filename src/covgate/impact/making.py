"""Whether what runs on import may make files, which git then does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.source.blocks.facts import Body, Unit

# Code that writes files, or has others do so, mentions one of these.
_WRITING = frozenset(
    {
        "open", "write", "writelines", "write_text", "write_bytes", "dump", "save", "generate",
        "replace", "rename", "copy", "copy2", "copyfile", "copytree", "move", "symlink",
        "symlink_to", "hardlink_to", "link", "link_to", "unlink", "remove", "rmtree",
        "unpack_archive", "extractall", "run", "call", "check_call", "check_output", "Popen",
        "system", "main",
    }
)  # fmt: skip


def may_make_files(unit: Unit, called: Iterable[tuple[str, Body]]) -> bool:
    """Whether a statement with an effect, which calls the functions `called`, may write files.

    One that stands for its effect alone may, whatever it mentions.
    """
    if unit.kind in ("expr", "block"):
        return True
    found = (unit.mentions, *(body.mentions for _, body in called))
    return any(_WRITING & (one.names | one.attrs) for one in found)
