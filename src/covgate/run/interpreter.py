"""Find the interpreter that the project's tests run in.

A hook lives in an environment of its own, which lacks the project and its dependencies; the
order of the search is that of the documentation (`docs/interpreter.md`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from covgate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NEEDED = ("pytest", "coverage")
ACTIVATED = "the activated environment on PATH"
OWN = "the environment of covgate itself"
_OLDEST = (3, 9)
# What hook runners leave in the environments that they make for hooks.
_HOOK_MARKS = (".install_state_v1", ".install_state_v2", ".prek-hook.json")
_VENV_NAMES = (".venv", "venv", "env")
# What a project manager leaves in the project, and how it adds what the tests need.
_ADDING = {
    "uv.lock": "uv add --dev",
    "poetry.lock": "poetry add --group dev",
    "pdm.lock": "pdm add -dG test",
    "Pipfile": "pipenv install --dev",
}
_ASK_SECONDS = 60
_PROBE = (
    "import importlib.util as u,sys;"
    "print('%d.%d' % sys.version_info[:2]);"
    f"print(','.join(n for n in {NEEDED!r} if u.find_spec(n) is None) or 'ok');"
    "print(sys.executable)"
)


class Interpreter(NamedTuple):
    """The interpreter of the project, and how it was found."""

    python: str
    found: str


class _Candidate(NamedTuple):
    command: tuple[str, ...]
    found: str


class _Tried(NamedTuple):
    candidate: _Candidate
    problem: str


def find_interpreter(
    top: Path, main_top: Path, setting: str | Sequence[str], env: Mapping[str, str]
) -> Interpreter:
    """Return the first interpreter that has pytest and coverage.

    `setting` is what the configuration names ("" for nothing). Raises `UsageError` with all
    places tried, and with the command that repairs the most likely one.
    """
    explicit = _explicit(top, setting, env)
    tried: list[_Tried] = []
    for candidate in [explicit] if explicit else _candidates(top, main_top, env):
        python, problem = _probe(candidate, top, env)
        if python is not None:
            return Interpreter(python, candidate.found)
        tried.append(_Tried(candidate, problem))
    raise _not_found(top, tried)


class Candidate(NamedTuple):
    """A place where an interpreter was looked for: `python` is None when `problem` rules it out."""

    command: str
    found: str
    python: str | None
    problem: str


def survey_interpreters(
    top: Path, main_top: Path, setting: str | Sequence[str], env: Mapping[str, str]
) -> Iterator[Candidate]:
    """Yield every candidate in the order of the search; the first without a problem is used."""
    explicit = _explicit(top, setting, env)
    for candidate in [explicit] if explicit else _candidates(top, main_top, env):
        python, problem = _probe(candidate, top, env)
        yield Candidate(" ".join(candidate.command), candidate.found, python, problem)


def _explicit(top: Path, setting: str | Sequence[str], env: Mapping[str, str]) -> _Candidate | None:
    if named := env.get("COVGATE_PYTHON"):
        setting, found = named, "COVGATE_PYTHON"
    else:
        found = "the setting `python`"
    if not setting:
        return None
    words = (setting,) if isinstance(setting, str) else tuple(setting)
    program = os.path.expanduser(words[0])  # noqa: PTH111 - may be a bare command name
    if os.sep in program or "/" in program:
        program = str(top / program)
    return _Candidate((program, *words[1:]), found)


def _candidates(top: Path, main_top: Path, env: Mapping[str, str]) -> Iterator[_Candidate]:
    own = Path(sys.prefix)
    for folder in map(Path, env.get("PATH", "").split(os.pathsep)):
        prefix = folder.parent
        # A hook runner puts our own environment first on PATH; the activated one comes after it.
        if _is_venv(prefix) and not (_same(prefix, own) and _is_of_a_hook(own)):
            yield _Candidate((str(python_of(prefix)),), ACTIVATED)
    # Conda activates its base in every shell, whether the project uses it or not.
    is_base = env.get("CONDA_DEFAULT_ENV") == "base"
    if not is_base:
        yield from _named(top, env, "CONDA_PREFIX")
    yield from _named(top, env, "UV_PROJECT_ENVIRONMENT")
    yield from _inside(top, "of the project")
    if not _same(main_top, top):
        yield from _inside(main_top, "of the main working tree")
    if is_base:
        yield from _named(top, env, "CONDA_PREFIX")
    yield from _managed(top, env)
    yield _Candidate((sys.executable,), OWN)
    path = os.pathsep.join(
        folder
        for folder in env.get("PATH", "").split(os.pathsep)
        if not _same(Path(folder).parent, own)
    )
    for name in ("python", "python3"):
        if program := shutil.which(name, path=path):
            yield _Candidate((program,), f"{name} on PATH")


def _named(top: Path, env: Mapping[str, str], name: str) -> Iterator[_Candidate]:
    if value := env.get(name):
        yield _Candidate((str(python_of(top / value)),), name)


def _inside(folder: Path, whose: str) -> Iterator[_Candidate]:
    for name in _VENV_NAMES:
        if _is_venv(folder / name):
            yield _Candidate((str(python_of(folder / name)),), f"{name} {whose}")


def _is_of_a_hook(prefix: Path) -> bool:
    """Whether a hook runner made the environment: it never holds the project."""
    return any((place / mark).exists() for place in (prefix, prefix.parent) for mark in _HOOK_MARKS)


def _managed(top: Path, env: Mapping[str, str]) -> Iterator[_Candidate]:
    """Environments that a project manager keeps elsewhere, asked only where it is declared."""
    try:
        yield _Candidate(((top / ".pdm-python").read_text().strip(),), ".pdm-python")
    except OSError:
        pass
    tox = sorted((top / ".tox").glob("py*")) + sorted((top / ".nox").glob("test*"))
    for prefix in filter(_is_venv, tox):
        yield _Candidate((str(python_of(prefix)),), f"{prefix.parent.name}/{prefix.name}")
    declared = {
        ("poetry", "env", "info", "-e"): top / "poetry.lock",
        ("pipenv", "--py"): top / "Pipfile",
    }
    for command, sign in declared.items():
        if sign.exists() and (answer := _ask(command, top, env)):
            yield _Candidate((answer,), f"`{' '.join(command)}`")


def _ask(command: Sequence[str], top: Path, env: Mapping[str, str]) -> str | None:
    program = shutil.which(command[0], path=env.get("PATH"))
    if program is None:
        return None
    plain = {key: value for key, value in env.items() if key != "VIRTUAL_ENV"}
    done = ask([program, *command[1:]], top, plain)
    if isinstance(done, OSError):
        return None
    lines = done.stdout.strip().splitlines()
    return lines[-1] if done.returncode == 0 and lines else None


def without_git(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that don't tell git of another repository."""
    return {key: value for key, value in env.items() if not key.startswith("GIT_")}


def ask(
    command: Sequence[str], folder: Path | str, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str] | OSError:
    """Run a short question; returns what was answered, or why it could not be asked."""
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=False,
        )
    except OSError as error:
        return error
    except subprocess.TimeoutExpired as error:
        return TimeoutError(str(error))


def _probe(candidate: _Candidate, top: Path, env: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the interpreter's path, or None and what is wrong with it."""
    program = candidate.command[0]
    if len(candidate.command) == 1 and os.sep in program:
        if not Path(program).exists():
            return None, "does not exist"
        if _owns_all(Path(program).parent.parent):
            return program, ""
    done = ask([*candidate.command, "-c", _PROBE], top, without_git(env))
    if isinstance(done, OSError):
        return None, f"cannot be started ({done})"
    lines = done.stdout.strip().splitlines()
    if done.returncode or len(lines) < 3:
        said = done.stderr.strip().splitlines()
        return None, f"cannot be started ({said[-1] if said else f'exit {done.returncode}'})"
    version, missing, executable = lines[-3:]
    if tuple(map(int, version.split("."))) < _OLDEST:
        return None, f"is Python {version}; covgate needs {_OLDEST[0]}.{_OLDEST[1]} or later"
    if missing == "ok":
        return executable, ""
    return None, f"lacks {missing.replace(',', ' and ')}"


def _owns_all(prefix: Path) -> bool:
    """Whether an environment holds what is needed, told by its folders: a start costs more."""
    versions = range(_OLDEST[1], _OLDEST[1] + 30)
    sites = [prefix / f"lib/python3.{minor}/site-packages" for minor in versions]
    for site in (*sites, prefix / "Lib" / "site-packages"):
        if all((site / name / "__init__.py").exists() for name in NEEDED):
            return True
    return False


def python_of(prefix: Path) -> Path:
    """Return where the interpreter of an environment is."""
    windows = prefix / "Scripts" / "python.exe"
    return windows if windows.exists() else prefix / "bin" / "python"


def _is_venv(prefix: Path) -> bool:
    return (prefix / "pyvenv.cfg").exists()


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _not_found(top: Path, tried: Sequence[_Tried]) -> UsageError:
    places = "\n".join(
        f"  {' '.join(candidate.command)} ({candidate.found}): {problem}"
        for candidate, problem in dict.fromkeys(tried)
    )
    lacking = [
        " ".join(candidate.command)
        for candidate, problem in tried
        if problem.startswith("lacks") and is_of_the_project(candidate.found)
    ]
    return UsageError(
        "no interpreter of the project has pytest and coverage; tried:\n" + places,
        f"{remedy(top, lacking)}\n"
        "(or name the interpreter: COVGATE_PYTHON, or `python = ...` in [tool.covgate], staged)",
    )


def installing(python: str, top: Path | None = None) -> str:
    """Return the command that installs into the environment of an interpreter.

    Some tools make environments without pip: uv then installs into it, or pip comes first.
    `top` is what a relative path begins at.
    """
    home = (top or Path.cwd()).joinpath(python).parent.parent
    if not (home / "pyvenv.cfg").is_file():
        return f"{python} -m pip install"
    if any(home.glob("lib/python*/site-packages/pip")) or (home / "Lib/site-packages/pip").is_dir():
        return f"{python} -m pip install"
    if shutil.which("uv") or _is_made_by_uv(home / "pyvenv.cfg"):
        return f"uv pip install --python {python}"
    return f"{python} -m ensurepip && {python} -m pip install"


def _is_made_by_uv(configuration: Path) -> bool:
    try:
        lines = configuration.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.partition("=")[0].strip() == "uv" for line in lines)


def remedy(top: Path, lacking: Sequence[str]) -> str:
    """Return the command that gives the project what is needed.

    `lacking` are the interpreters of the project that lack it. A project manager installs by
    itself, and what pip puts into its environment is gone with the next sync.
    """
    needed = " ".join(NEEDED)
    for sign, command in _ADDING.items():
        if (top / sign).exists():
            return f"{command} {needed}"
    if lacking:
        return f"{installing(lacking[0], top)} {needed}"
    return f"python -m venv .venv && .venv/bin/python -m pip install -e . {needed}"


def is_of_the_project(found: str) -> bool:
    """Whether a place belongs to the project, so that its tests' needs go there."""
    return found == ACTIVATED or not (found == OWN or found.endswith(" on PATH"))
