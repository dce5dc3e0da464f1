"""The words by which code does what its text does not show: looks up, reads, opens."""

from __future__ import annotations

import re

# Mentioning one of these means that names are computed where no reader of the source sees them.
COMPUTED_NAMES = frozenset(
    {"globals", "locals", "vars", "dir", "eval", "exec", "__import__", "compile", "__builtins__"}
)
# These only reach what belongs to an object that is at hand.
OF_OBJECTS = frozenset({"__dict__", "getmembers", "getattr_static", "__slots__"})
# Methods of a dictionary that only come upon the item that they are given the key of.
OF_DICT = frozenset({"get", "setdefault", "pop", "__getitem__", "__setitem__"})
COMPUTED_ATTRS = frozenset(
    {
        "__subclasses__", "import_module", "modules", "iter_modules", "walk_packages",
        "entry_points", "attrgetter", "methodcaller", "run_path", "run_module", "find_spec",
        "resolve_name", "reload", "exec_module",
    }
)  # fmt: skip
BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr"})
# Templates look attributes of what they are given up by names that stand in a file.
RENDERING = frozenset({"render", "render_async", "render_template", "render_to_string", "stream"})
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
DOC = frozenset(
    {
        "__doc__", "getdoc", "help", "pydoc", "doctest", "cleandoc", "getcomments",
        "onecmd", "cmdloop", "do_help",  # of `cmd`
        "system_methodHelp", "register_introspection_functions", "DocXMLRPCServer",
    }
)  # fmt: skip
LINES = frozenset(
    {
        "f_lineno", "tb_lineno", "extract_stack", "settrace", "setprofile",
        "extract_tb", "format_exc", "format_tb", "print_exc", "print_stack", "format_stack",
        "format_exception", "print_tb", "walk_tb", "walk_stack", "getframeinfo",
        "getsourcelines", "findCaller", "getinnerframes", "getouterframes",
    }
)  # fmt: skip
# These have a library in C read files, where no audit event tells of it.
UNSEEN = frozenset(
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
CODE = frozenset(
    {
        "co_firstlineno", "co_lines", "co_code", "co_consts", "co_names", "co_linetable",
        "co_lnotab", "co_positions", "dis", "get_instructions", "Bytecode", "getclosurevars",
    }
)  # fmt: skip
ANNOTATIONS = frozenset(
    {
        "__annotations__", "__annotate__", "get_type_hints", "getfullargspec", "get_annotations",
        "getargspec",
    }
)  # fmt: skip

# These read all annotations of a class that they are called with: `@dataclass` knows its own.
MAKING = frozenset({"dataclass", "runtime_checkable"})
