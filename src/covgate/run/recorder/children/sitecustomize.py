"""Start-up of Python children: starts the recorder, then the sitecustomize that this one hides."""

import os
import sys


def _start():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.append(os.path.dirname(here))
    try:
        import _covgate_trace_child

        _covgate_trace_child.start()
    except Exception as error:  # a child must run as it would without us
        sys.stderr.write("covgate: this process cannot be followed: {!r}\n".format(error))
    finally:
        sys.path[:] = [entry for entry in sys.path if entry != os.path.dirname(here)]
    return here


def _continue(here):
    """Import the next sitecustomize on the path, if there is one."""
    import importlib.machinery
    import importlib.util

    rest = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_continue(_start())
