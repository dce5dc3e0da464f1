"""Follows the programs that tests start: Python children write a spool of their own."""

import atexit
import re
import sys

from _covgate_std import json, open_file, os, time, which

VARIABLE = "COVGATE_TRACE_CHILD"
# Programs that have nothing to do with the files around them.
_HARMLESS = frozenset(
    {
        "uname", "hostname", "id", "whoami", "date", "true", "false", "sleep", "tput", "stty",
        "lsb_release", "getconf", "locale", "kill", "ps", "nproc", "sysctl", "ldconfig", "arch",
    }
)  # fmt: skip
# Programs of the system that read what they are given: standard input, and the files they are told.
_FILTERS = frozenset(
    {
        "cat", "less", "more", "head", "tail", "tee", "tr", "cut", "rev", "nl", "fold", "expand",
        "unexpand", "echo", "printf", "seq", "basename", "dirname",
    }
)  # fmt: skip
_SYSTEM = ("/bin/", "/usr/bin/")
_VARIABLE = re.compile(r"\$[({]?([A-Za-z_]\w*)")
_LONGEST_SCRIPT = 100000
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "children")


def prepare(plan):
    """Make every Python that is started from now on write a spool: see `children`."""
    place = os.path.join(plan["trace"]["folder"], "children.json")
    settings = {"root": plan["root"], "trace": {"folder": plan["trace"]["folder"]}}
    with open(place, "w", encoding="utf-8") as stream:
        json.dump(settings, stream)
    os.environ[VARIABLE] = place
    known = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = FOLDER + (os.pathsep + known if known else "")


def launched(inputs, executable, argv, cwd, env):
    """Return the items that starting a program means for the test that started it."""
    if isinstance(argv, (str, bytes)):
        argv = [argv]
    tokens = [_text(token) for token in (executable, *argv) if token is not None]
    folder = _text(cwd) if cwd is not None else os.getcwd()
    is_filter = _is_filter(tokens[0], env)
    items = []
    for token in tokens:
        for part in token.split() if " " in token else [token]:
            word = part.strip("'\";|&<>()").partition("::")[0]
            if not word:
                continue
            path = inputs._path(os.path.join(folder, word))
            # What a filter does not find may be there after the change.
            if path and (is_filter or os.path.exists(os.path.join(inputs.recorder.root, path))):
                items.append(("f", path))
    if is_filter:
        return items
    if os.path.basename(tokens[0]) in _HARMLESS and not items:
        return []
    inside = inputs._path(folder) is not None
    if _is_python(tokens):
        if not _is_followed(tokens, env):
            items.append(("o", "a Python that cannot be followed was started: " + _short(tokens)))
        else:
            inputs.children += 1
            items.append(("c", inputs.children))
    elif inside or items:
        scripts = [os.path.join(inputs.recorder.root, item[1]) for item in items]
        items += [("v", name) for name in named(tokens, scripts) if inputs.counts(name)]
        items.append(("o", "another program was started: " + _short(tokens)))
    return items


def _is_filter(program, env):
    if os.path.basename(program) not in _FILTERS:
        return False
    if not os.path.dirname(program):
        program = which(program, path=(os.environ if env is None else env).get("PATH"))
    return program is not None and program.startswith(_SYSTEM)


def named(tokens, scripts):
    """The variables that a command line names in the way of shells, or scripts that it names."""
    texts = list(tokens)
    for place in scripts:
        try:
            with open_file(place, "rb") as stream:
                texts.append(stream.read(_LONGEST_SCRIPT).decode("latin-1"))
        except OSError:
            pass  # it is not there, or a folder
    return sorted({name for text in texts for name in _VARIABLE.findall(text)})


def _text(token):
    return (
        os.fsdecode(token)
        if hasattr(token, "__fspath__") or isinstance(token, bytes)
        else str(token)
    )


def _short(tokens):
    text = " ".join(tokens[1:] or tokens)
    return text if len(text) < 60 else text[:57] + "..."


def _is_python(tokens):
    for token in tokens[:2]:
        if (
            os.path.basename(token).lower().startswith(("python", "pypy"))
            or token == sys.executable
        ):
            return True
    return _starts_python(tokens[0])


def _starts_python(program):
    """Whether a program is a script that names Python in its first line."""
    place = program if os.path.dirname(program) else which(program)
    try:
        with open_file(place, "rb") as stream:
            line = stream.read(200).split(b"\n")[0]
    except (OSError, TypeError):
        return False
    return line.startswith(b"#!") and b"python" in line


def _is_followed(tokens, env):
    for token in tokens[2:] if len(tokens) > 1 else []:
        if not token.startswith("-") or token in ("-c", "-m", "-"):
            break
        if not token.startswith("--") and any(letter in token for letter in "IES"):
            return False
    if env is None:
        env = os.environ
    names = {_text(name): _text(value) for name, value in dict(env).items()}
    return VARIABLE in names and FOLDER in names.get("PYTHONPATH", "").split(os.pathsep)


def start():
    """In a child: note files, variables and modules of the project, each as it happens."""
    place = os.environ.get(VARIABLE)
    if not place:
        return
    import _covgate_trace
    import _covgate_trace_inputs

    with open(place, encoding="utf-8") as stream:
        plan = json.load(stream)
    recorder = _covgate_trace.Recorder(plan, child=True)
    recorder.write({"child": recorder.pid, "at": time.time()})
    recorder.flush()
    inputs = _covgate_trace_inputs.Inputs(recorder)
    inputs.whole_modules = True
    inputs.start()
    follow_forks(recorder)
    atexit.register(ended, recorder)


def ended(recorder):
    """Say when a child ended, which ends its share in the tests that ran meanwhile."""
    if recorder.child and os.getpid() == recorder.pid:
        recorder.write({"end": time.time(), "path": [entry for entry in sys.path if entry]})
        recorder.flush()


def follow_forks(recorder):
    """Give forked processes a spool of their own."""

    def at_exit(ended_recorder):
        util = sys.modules["multiprocessing.util"]
        util.Finalize(None, ended, args=(ended_recorder,), exitpriority=100)

    def forked():
        recorder.become_child()
        atexit.register(ended, recorder)
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            # multiprocessing forgets what was to be done at exit when a child starts.
            util.register_after_fork(recorder, at_exit)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forked)
