"""Names that tell what code looks at besides the names that it mentions."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from covgate.source.blocks.scopes import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.source.blocks.facts import Mentions

# Mentioning one of these means that names are computed where no reader of the source sees them.
COMPUTED_NAMES = frozenset(
    {"globals", "locals", "vars", "dir", "eval", "exec", "__import__", "compile", "__builtins__"}
)
# These are dictionaries of attributes, or of the names of a module.
DICTS = frozenset({"__dict__", "__globals__", "f_globals"})
# Methods of a dictionary that only come upon the item that they are given the key of.
OF_DICT = frozenset({"get", "setdefault", "pop", "__getitem__", "__setitem__"})
# These only reach what belongs to an object that is at hand.
OF_OBJECTS = frozenset(
    {"__dict__", "getmembers", "getmembers_static", "getattr_static", "get_field", "__slots__"}
)
COMPUTED_ATTRS = frozenset(
    {
        "__subclasses__", "import_module", "modules", "iter_modules", "walk_packages",
        "entry_points", "attrgetter", "methodcaller", "run_path", "run_module", "find_spec",
        "resolve_name", "reload", "exec_module", "__globals__", "f_globals", "get_objects",
        "get_referents", "get_referrers",
    }
)  # fmt: skip
# Of these, what is imported by its name is as often a variable of that name.
COMPUTED_FUNCTIONS = COMPUTED_ATTRS - {"modules"}
BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr"})
ASKING_ITSELF = frozenset({"__getattribute__", "__getattr__"})
# Templates look attributes of what they are given up by names that stand in a file.
RENDERING = frozenset({"render", "render_async", "render_template", "render_to_string", "stream"})
FORMATTING = frozenset({"format", "format_map"})
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
LONGEST = 1000
MEMBER = re.compile(r"\.([^\W\d]\w*)")
# Calls that import a module whose name is in a string that is passed to them.
IMPORTING = frozenset(
    {
        "patch", "multiple", "setattr", "delattr", "import_module", "importorskip", "import_string",
        "resolve_name", "load_object", "get_data", "files", "open_text", "read_text", "__import__",
        "run_module", "spy", "register_assert_rewrite", "import_object",
    }
)  # fmt: skip
DOC_READERS = frozenset(
    {
        "__doc__", "getdoc", "help", "pydoc", "doctest", "cleandoc", "getcomments",
        "onecmd", "cmdloop", "do_help",  # of `cmd`
        "WRAPPER_ASSIGNMENTS", "shortDescription", "getDescription", "TextTestRunner",
        "system_methodHelp", "register_introspection_functions", "DocXMLRPCServer",
    }
)  # fmt: skip
LINE_READERS = frozenset(
    {
        "f_lineno", "tb_lineno", "extract_stack", "settrace", "setprofile",
        "extract_tb", "format_exc", "format_tb", "print_exc", "print_stack", "format_stack",
        "format_exception", "print_tb", "walk_tb", "walk_stack", "getframeinfo",
        "getsourcelines", "findCaller", "getinnerframes", "getouterframes",
    }
)  # fmt: skip
SPECIAL = re.compile(r"(?<!\w)__\w+__(?!\w)")
# These read all annotations of a class that they are called with: `@dataclass` knows its own.
MAKING = frozenset({"dataclass", "runtime_checkable"})
# Who looks for a module by these asks nothing of its objects.
ORDINARY = frozenset({"__main__", "__init__", "__name__", "__pycache__"})
# The beginning of a special name that the code goes on with.
PUT_TOGETHER = re.compile(r"__[a-z]*(?:[%{]\S*)?")
ANY_SPECIAL = "__*__"
# These have a library in C read files, where no audit event tells of it.
UNSEEN_READERS = frozenset(
    {
        "load_verify_locations", "load_cert_chain", "load_dh_params", "read_history_file",
        "read_init_file", "CDLL", "PyDLL", "cdll", "pydll", "LoadLibrary", "dlopen",
    }
)  # fmt: skip
# The name of an environment variable, perhaps.
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]*")
ATTACHING = re.compile(r"\s*attach\s", re.IGNORECASE)
# Names of files; those of text formats that Python code opens itself are left out.
FILE_NAME = re.compile(r"[\w-][\w.-]*\.[A-Za-z]\w{0,7}(?![\w.-])")
OPENED_BY_PYTHON = (
    ".py", ".pyi", ".md", ".rst", ".toml", ".cfg", ".ini", ".yml", ".yaml", ".format", ".join",
)  # fmt: skip
# These look at functions that need not have run.
CODE_READERS = frozenset(
    {
        "co_firstlineno", "co_lines", "co_code", "co_consts", "co_names", "co_linetable",
        "co_lnotab", "co_positions", "dis", "get_instructions", "Bytecode", "getclosurevars",
        "marshal",
    }
)  # fmt: skip
# What is read that is no name of anything, by who reads it.
READERS = {
    "doc": DOC_READERS,
    "lines": LINE_READERS,
    "opaque": UNSEEN_READERS,
    "code": CODE_READERS,
}
ANNOTATION_READERS = frozenset(
    {
        "__annotations__", "__annotate__", "get_type_hints", "getfullargspec", "get_annotations",
        "getargspec",
    }
)  # fmt: skip


def other_names(found: Mentions, binds: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the flags of who uses the names that a statement binds for readers of that kind.

    Imported under another name, say, or held by a table. The module's own docstring is a value
    like others; what is known by its own name is known to who mentions it.
    """
    names = (found.names - {"__doc__"}) | found.attrs
    called = {call.rpartition(".")[2] for call in found.calls}
    flags = set[str]()
    if not called or called & _MAKING_GETTERS:  # else strings for a call are among the attributes
        flags |= {flag for flag, words in READERS.items() if not words.isdisjoint(names)}
    if (found.names & BY_NAME) - called or (found.attrs & OF_OBJECTS) - called:
        flags.add("computed attributes")
    if ((found.names & COMPUTED_NAMES) | (found.attrs & COMPUTED_FUNCTIONS)) - called or (
        "computed" in found.flags and called & {"attrgetter", "methodcaller"}
    ):
        flags.add("computed")
    return {name: frozenset(flags) for name in binds if flags and name not in _KNOWN}


_MAKING_GETTERS = frozenset({"attrgetter", "methodcaller", "partial"})
_KNOWN = BY_NAME.union(OF_OBJECTS, COMPUTED_NAMES, COMPUTED_FUNCTIONS, *READERS.values())


def makes_of_class(node: ast.Call, name: str | None) -> bool:
    """Whether `dataclass` and its like are given a class, or handed to who may do so."""
    if name in MAKING:
        return bool(node.args)
    values = (*node.args, *(keyword.value for keyword in node.keywords))
    handed = {
        dotted(one.func if isinstance(one, ast.Call) else one) for one in (node.func, *values)
    }
    return not MAKING.isdisjoint(one.rpartition(".")[2] for one in handed if one)
