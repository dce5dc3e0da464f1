"""Which interpreter is taken: the order of the candidates, and what disqualifies one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from covgate.errors import UsageError
from covgate.run.interpreter import find_interpreter, installing

if TYPE_CHECKING:
    from collections.abc import Mapping


def environment(folder: Path, packages: tuple[str, ...] = ("pytest", "coverage")) -> Path:
    """Make what looks like a virtual environment with some packages."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for package in packages:
        (folder / "lib" / version / "site-packages" / package).mkdir(parents=True)
        (folder / "lib" / version / "site-packages" / package / "__init__.py").touch()
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    home = f"home = {sys.base_prefix}/bin\ninclude-system-site-packages = false\n"
    (folder / "pyvenv.cfg").write_text(home)
    return folder


PLACES = {
    "activated": "PATH",
    "conda": "CONDA_PREFIX",
    "uv": "UV_PROJECT_ENVIRONMENT",
    ".venv": "project/.venv",
    "venv": "project/venv",
    "env": "project/env",
    "main .venv": "main/.venv",
    "tox": "project/.tox/py311",
}
# What exists, and which of it is taken.
ORDER = {
    "activated-first": (("activated", "conda", ".venv"), "activated"),
    "conda-before-venv": (("conda", ".venv"), "conda"),
    "uv-before-venv": (("uv", ".venv"), "uv"),
    "dot-venv": ((".venv", "venv", "env"), ".venv"),
    "venv": (("venv", "env", "main .venv"), "venv"),
    "env": (("env", "main .venv"), "env"),
    "main-worktree": (("main .venv", "tox"), "main .venv"),
    "tox": (("tox",), "tox"),
}


def surroundings(tmp_path: Path, names: tuple[str, ...]) -> tuple[dict[str, Path], dict[str, str]]:
    env = {"PATH": "/nowhere/bin"}
    made: dict[str, Path] = {}
    (tmp_path / "project").mkdir()
    for name in names:
        place = PLACES[name]
        made[name] = environment(tmp_path / (place if "/" in place else f"elsewhere-{name}"))
        if name == "activated":
            env["PATH"] = f"/nowhere/bin:{made[name]}/bin"
        elif "/" not in place:
            env[place] = str(made[name])
    return made, env


@pytest.mark.parametrize(("names", "taken"), ORDER.values(), ids=ORDER)
def test_order(tmp_path: Path, names: tuple[str, ...], taken: str) -> None:
    made, env = surroundings(tmp_path, names)

    found = find_interpreter(tmp_path / "project", tmp_path / "main", "", env)

    assert found.python == str(made[taken] / "bin" / "python")


def test_base_of_conda_comes_after_the_project(tmp_path: Path) -> None:
    """Conda activates it in every shell, whether the project uses it or not."""
    made, env = surroundings(tmp_path, ("conda", ".venv"))
    env["CONDA_DEFAULT_ENV"] = "base"

    found = find_interpreter(tmp_path / "project", tmp_path / "main", "", env)

    assert found.python == str(made[".venv"] / "bin" / "python")


LACKING = {"bare": (), "no-coverage": ("pytest",), "no-pytest": ("coverage",)}


@pytest.mark.parametrize("packages", LACKING.values(), ids=LACKING)
def test_environment_that_lacks_something_is_passed_over(
    tmp_path: Path, packages: tuple[str, ...]
) -> None:
    environment(tmp_path / "project/.venv", packages)
    good = environment(tmp_path / "project/venv")

    found = find_interpreter(tmp_path / "project", tmp_path / "project", "", {"PATH": ""})

    assert found.python == str(good / "bin" / "python")


def test_python_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    old = environment(tmp_path / "project/.venv", ())
    for package in ("pytest", "coverage"):
        (old / "lib/python3.8/site-packages" / package).mkdir(parents=True)
        (old / "lib/python3.8/site-packages" / package / "__init__.py").touch()
    good = environment(tmp_path / "project/venv")

    found = find_interpreter(tmp_path / "project", tmp_path / "project", "", {"PATH": ""})

    assert found.python == str(good / "bin" / "python")


def test_broken_environment_is_passed_over(tmp_path: Path) -> None:
    broken = environment(tmp_path / "project/.venv")
    (broken / "bin/python").unlink()
    (broken / "bin/python").symlink_to("/nowhere/python")
    good = environment(tmp_path / "project/venv")

    found = find_interpreter(tmp_path / "project", tmp_path / "project", "", {"PATH": ""})

    assert found.python == str(good / "bin" / "python")


EXPLICIT = {
    "variable-before-setting": ("no/such", {"COVGATE_PYTHON": "mine/bin/python"}, "COVGATE_PYTHON"),
    "relative-path": ("mine/bin/python", {}, "the setting `python`"),
    "command": (("/usr/bin/env", "-u", "X", sys.executable), {}, "the setting `python`"),
}


@pytest.mark.parametrize(("setting", "more", "found"), EXPLICIT.values(), ids=EXPLICIT)
def test_named_interpreter(
    tmp_path: Path, setting: str | tuple[str, ...], more: Mapping[str, str], found: str
) -> None:
    environment(tmp_path / "mine")
    environment(tmp_path / ".venv")

    taken = find_interpreter(tmp_path, tmp_path, setting, {**os.environ, **more})

    assert taken.found == found
    assert not taken.python.startswith(str(tmp_path / ".venv"))


def test_named_interpreter_is_the_only_candidate(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")

    with pytest.raises(UsageError, match=r"nosuch \(the setting `python`\): cannot be started"):
        find_interpreter(tmp_path, tmp_path, "nosuch", {"PATH": ""})


def test_nothing_found_names_every_place(tmp_path: Path) -> None:
    bare = environment(tmp_path / ".venv", ())
    other = environment(tmp_path / "venv", ("pytest",))
    own = Path(sys.executable)
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\necho boom >&2\nexit 3\n")
    python.chmod(0o755)

    with pytest.raises(UsageError) as raised:
        find_interpreter(tmp_path, tmp_path, str(python), {"PATH": str(python.parent)})

    assert "boom" in raised.value.message
    assert "python -m venv" in raised.value.help
    assert own.exists()
    assert bare.exists()
    assert other.exists()


HOOK_ENVIRONMENTS = {"pre-commit": ".install_state_v2", "prek": ".prek-hook.json"}


@pytest.mark.parametrize("mark", HOOK_ENVIRONMENTS.values(), ids=HOOK_ENVIRONMENTS)
def test_environment_of_the_hook_is_not_the_activated_one(
    tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runners put it first on PATH; the one that the user activated comes after it."""
    own = environment(tmp_path / "hook")
    (own / mark).touch()
    monkeypatch.setattr(sys, "prefix", str(own))
    activated = environment(tmp_path / "activated")
    env = {"PATH": f"{own}/bin:{activated}/bin", "PRE_COMMIT": "1", "VIRTUAL_ENV": str(own)}

    found = find_interpreter(tmp_path, tmp_path, "", env)

    assert found.python == str(activated / "bin/python")


def test_activated_environment_that_holds_covgate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A local hook runs in the user's own environment, which goes before a stray `.venv`."""
    own = environment(tmp_path / "activated")
    monkeypatch.setattr(sys, "prefix", str(own))
    environment(tmp_path / ".venv")
    env = {"PATH": f"{own}/bin", "PRE_COMMIT": "1", "VIRTUAL_ENV": str(own)}

    found = find_interpreter(tmp_path, tmp_path, "", env)

    assert found.python == str(own / "bin/python")


@pytest.mark.parametrize(
    ("made", "has_uv", "command"),
    [
        ({"pyvenv.cfg": "", "lib/python3.12/site-packages/pip/x": ""}, True, "{} -m pip install"),
        ({"pyvenv.cfg": "home = /usr\nuv = 0.9.1\n"}, False, "uv pip install --python {}"),
        ({"pyvenv.cfg": "home = /usr\n"}, True, "uv pip install --python {}"),
        ({"pyvenv.cfg": "home = /usr\n"}, False, "{0} -m ensurepip && {0} -m pip install"),
        ({}, True, "{} -m pip install"),
    ],
    ids=["pip", "made by uv", "uv at hand", "neither", "no virtual environment"],
)
def test_the_remedy_installs_with_what_the_environment_has(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made: dict[str, str],
    has_uv: bool,
    command: str,
) -> None:
    for name, text in made.items():
        path = tmp_path / ".venv" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    tools = tmp_path / "tools"
    tools.mkdir()
    if has_uv:
        (tools / "uv").write_text("")
        (tools / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    assert installing(".venv/bin/python", tmp_path) == command.format(".venv/bin/python")
