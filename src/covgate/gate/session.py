"""Variables that name a terminal window or a login: who watches has others than who commits.

They say nothing of what a program may do there (`TERM`, `COLUMNS` and the like count like any
other). One that a file of the project names counts as well.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from covgate.traces.values import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.git.process import Git

_NAMES = frozenset(
    {
        "DBUS_SESSION_BUS_ADDRESS", "DESKTOP_STARTUP_ID", "GIO_LAUNCHED_DESKTOP_FILE",
        "GIO_LAUNCHED_DESKTOP_FILE_PID", "GIT_ASKPASS", "GIT_EXEC_PATH", "GPG_AGENT_INFO",
        "GPG_TTY", "GTK_MODULES", "INVOCATION_ID", "JOURNAL_STREAM", "LS_COLORS", "NVIM",
        "NVIM_LISTEN_ADDRESS", "PROMPT_COMMAND", "PS1", "PWD", "SECURITYSESSIONID",
        "SHELL_SESSION_ID", "SSH_AGENT_PID", "SSH_ASKPASS", "SSH_AUTH_SOCK", "SSH_CLIENT",
        "SSH_CONNECTION", "SSH_TTY", "STY", "TMUX", "TMUX_PANE", "VIM", "VIMRUNTIME",
        "WINDOW", "WINDOWID", "WT_PROFILE_ID", "WT_SESSION", "XDG_ACTIVATION_TOKEN",
        "XDG_SEAT", "XDG_SESSION_ID", "XDG_VTNR", "ZELLIJ",
    }
)  # fmt: skip
_PREFIXES = (
    "ALACRITTY_", "ATUIN_", "GHOSTTY_", "GNOME_TERMINAL_", "ITERM_", "KITTY_", "KONSOLE_",
    "STARSHIP_", "TERM_PROGRAM", "TERM_SESSION_", "TILIX_", "VSCODE_", "VTE_", "WEZTERM_",
    "ZELLIJ_",
)  # fmt: skip


def is_of_session(name: str) -> bool:
    """Whether a variable names a window or a login rather than anything in it."""
    return name in _NAMES or name.startswith(_PREFIXES)


def session_of(env: Mapping[str, str]) -> dict[str, str]:
    """Return a hash of each variable of the session."""
    return {name: digest(value) for name, value in env.items() if is_of_session(name)}


def is_same_session(git: Git, tree: str, now: Mapping[str, str], was: Mapping[str, str]) -> bool:
    """Whether tests of a tree can't tell one session from another, as `session_of` has them."""
    names = sorted(name for name in {*now, *was} if now.get(name) != was.get(name))
    return not names or not _is_named(git, tree, names)


def _is_named(git: Git, tree: str, names: list[str]) -> bool:
    patterns = [word for name in names for word in ("-e", name)]
    found = subprocess.run(
        git.command("grep", "-q", "-F", *patterns, tree),
        cwd=git.folder,
        env=git.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return found.returncode != 1
