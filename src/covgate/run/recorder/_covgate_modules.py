"""What loaded modules say of themselves, without asking a `__getattr__` of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType


def fact(module: Any, name: str) -> Any:
    """Return an attribute that a module itself has, None if it has none.

    Anything may stand in `sys.modules`, and a module's own `__getattr__` may raise what it likes.
    """
    try:
        return vars(module).get(name)
    except Exception:
        return None


def imports(frame: FrameType) -> bool:
    """Whether the import system reads a file for itself, and not for who asks a loader for it."""
    if not frame.f_code.co_filename.startswith("<frozen importlib"):
        return False
    asking = frame.f_back
    return frame.f_code.co_name != "get_data" or (
        asking is not None
        and asking.f_code.co_name == "get_code"
        and asking.f_code.co_filename.startswith("<frozen importlib")
    )
