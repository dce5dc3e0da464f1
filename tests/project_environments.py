"""Environments for the projects under test, made in a moment and without a network."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAN = ("pytest", "pluggy", "iniconfig", "packaging", "pygments", "coverage")


def make_environment(folder: Path, distributions: Iterable[str] = LEAN) -> Path:
    """Make a virtual environment that borrows installed distributions of ours.

    Returns its interpreter. With few plugins, a run takes a third of the time.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = site_packages(folder)
    for name in distributions:
        borrow(name, site)
    return folder / "bin" / "python"


def site_packages(folder: Path) -> Path:
    """Return where an environment keeps its packages."""
    return Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))


def borrow(distribution: str, site: Path) -> None:
    """Link the top-level files and folders of an installed distribution into an environment."""
    found = importlib.metadata.distribution(distribution)
    tops = {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}
    for top in tops:
        link = site / top
        if not link.exists():
            link.symlink_to(str(found.locate_file(top)))
