"""Names that tell what a file is able to do, wherever they come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from covgate.source.facts import Trait

if TYPE_CHECKING:
    from collections.abc import Mapping

_LISTING = frozenset(
    [
        "listdir",
        "scandir",
        "walk",
        "fwalk",
        "glob",
        "iglob",
        "rglob",
        "iterdir",
        "contents",
        "copytree",
        "make_archive",
        "get_files",
        "find_packages",
        "find_namespace_packages",
    ]
)
_SPAWNING = frozenset(
    [
        "subprocess",
        "Popen",
        "system",
        "popen",
        "create_subprocess_exec",
        "create_subprocess_shell",
        "spawn",
        "spawnv",
        "spawnl",
        "posix_spawn",
        "execv",
        "execve",
        "execvp",
        "execl",
        "pexpect",
        "plumbum",
        "sh",
        "runpytest",
        "run_python",
        "runpytest_subprocess",
        "runpython",
        "script_runner",
    ]
)
_READING = frozenset(
    [
        "open",
        "open_text",
        "open_binary",
        "read_text",
        "read_bytes",
        "read_binary",
        "get_data",
        "get_source",
        "getsource",
        "getsourcelines",
        "files",
        "as_file",
        "resource_string",
        "resource_stream",
        "resource_filename",
        "Path",
        "PurePath",
        "fspath",
        "fdopen",
        "copyfile",
        "copy2",
        "copy",
        "connect",
        "loadtxt",
        "genfromtxt",
        "read_csv",
        "read_json",
        "read_excel",
        "read_parquet",
        "from_file",
        "load_file",
        "FileInput",
        "exists",
        "is_file",
        "stat",
        "access",
        "datadir",
        "shared_datadir",
        "original_datadir",
        "snapshot",
        "environ",
        "getenv",
    ]
)
READING_MODULES = frozenset(
    [
        "pathlib",
        "glob",
        "sqlite3",
        "shutil",
        "fileinput",
        "configparser",
        "zipfile",
        "tarfile",
        "linecache",
        "mmap",
        "ctypes",
        "subprocess",
        "importlib.resources",
        "importlib.metadata",
        "pkgutil",
        "inspect",
        "io",
        "dbm",
        "shelve",
        "logging.config",
        "gettext",
        "netrc",
        "mimetypes",
        "ssl",
    ]
)
_CLIMBING = frozenset(
    ["parents", "getcwd", "cwd", "rootpath", "rootdir", "pardir", "chdir", "__path__"]
)
# Loaders whose first argument is a module (or a path of one).
IMPORTING = frozenset(
    [
        "import_module",
        "__import__",
        "import_string",
        "importorskip",
        "run_module",
        "run_path",
        "resolve_name",
        "locate",
        "find_spec",
        "load_module",
        "find_loader",
        "spec_from_file_location",
        "SourceFileLoader",
        "load_source",
        "run_script",
        "import_object",
        "import_path",
        "import_from_string",
    ]
)
# Loaders that go through folders, entry points or data.
DISCOVERING = frozenset(
    [
        "walk_packages",
        "iter_modules",
        "find_modules",
        "entry_points",
        "iter_entry_points",
        "load_entry_point",
        "load_setuptools_entrypoints",
        "ExtensionManager",
        "DriverManager",
        "loadTestsFromName",
        "loadTestsFromNames",
        "autodiscover",
        "autodiscover_tasks",
        "autodiscover_modules",
        "execfile",
    ]
)
# Where the text of an `exec` may come from.
OPENING = frozenset(
    [
        "open",
        "open_text",
        "open_code",
        "read",
        "read_text",
        "read_bytes",
        "readlines",
        "get_data",
        "get_source",
        "get_code",
        "getsource",
        "getsourcelines",
        "subprocess",
    ]
)
PICKLES = frozenset(["pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve"])
GIT_MODULES = frozenset(["git", "pygit2", "dulwich"])
# Where frameworks are told packages of which they load modules by convention.
REGISTRY = re.compile(r"APPS|PACKAGES|PLUGINS|MODULES|EXTENSIONS|BLUEPRINTS|ROUTERS|COMMANDS")
SCANNER = re.compile(r"discover|scan|wire|plugin|package|register|include|load", re.IGNORECASE)


def _traits_by_name() -> Mapping[str, Trait]:
    table: dict[str, Trait] = {"__file__": Trait.HERE, "__spec__": Trait.HERE}
    table.update(addsitedir=Trait.PATHS, syspath_prepend=Trait.PATHS)
    for names, trait in (
        (_LISTING, Trait.LISTS | Trait.READS),
        (_SPAWNING, Trait.SPAWNS | Trait.READS),
        (_READING, Trait.READS),
        (_CLIMBING, Trait.CLIMBS | Trait.READS),
    ):
        for name in names:
            table[name] = table.get(name, Trait(0)) | trait
    return table


TRAITS = _traits_by_name()
