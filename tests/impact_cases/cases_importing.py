"""What the import system lets a change do."""

import io
import zipfile

from impact_text import told


def zipped(**texts: str) -> bytes:
    """Return an archive of modules."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in texts.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.py"), text)
    return stream.getvalue()


IMPORTING = [
    told(
        "name that __all__ gains hides one imported before",
        """
--- one.py
def go():
    return 1
--- two.py
__all__ = ['other']


def other():
    return 0


def go():
    return 2
--- app.py
from one import go
from two import *
--- test_a.py
import app


def test_go():
    assert app.go() == 1


def test_t():
    assert True
""",
        {"two.py": ("['other']", "['other', 'go']")},
        "test_go",
    ),
    told(
        "new module of the project shadows a distribution",
        """
--- test_a.py
import dep


def test_x():
    assert dep.X == 1


def test_t():
    assert True
""",
        {"dep.py": "X = 2\n"},
        "test_x",
        site={
            "dep/__init__.py": "X = 1\n",
            "dep-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: dep\nVersion: 1.0\n",
        },
    ),
    told(
        "new module beside the test shadows one of the root",
        """
--- helper.py
X = 1
--- conftest.py
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
--- tests/test_h.py
import helper


def test_x():
    assert helper.X == 1
""",
        {"tests/helper.py": "X = 2\n"},
        "tests/test_h.py::test_x",
        most=1,
    ),
    told(
        "path that a conftest inserts",
        """
--- conftest.py
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / 'one'))
--- one/core.py
X = 1
--- two/core.py
X = 2
--- test_a.py
import core


def test_x():
    assert core.X == 1
""",
        {"conftest.py": ("'one'", "'two'")},
        "test_x",
    ),
    told(
        "module deleted from sys.modules and imported again",
        """
--- conf.py
import os

MODE = os.environ.get('APP_MODE', 'plain')
if MODE == 'debug':
    LEVEL = 1
else:
    LEVEL = 0
--- test_a.py
import importlib
import sys


def load():
    sys.modules.pop('conf', None)
    return importlib.import_module('conf')


def test_plain():
    assert load().LEVEL == 0


def test_debug(monkeypatch):
    monkeypatch.setenv('APP_MODE', 'debug')
    assert load().LEVEL == 1


def test_t():
    assert True
""",
        {"conf.py": ("LEVEL = 1", "LEVEL = 2")},
        "test_debug",
    ),
    told(
        "finder of the project compiles files of its own kind",
        """
--- conftest.py
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

HERE = Path(__file__).parent


class Finder:
    def find_spec(self, name, path=None, target=None):
        if (HERE / f'{name}.rules').exists():
            return ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        text = (HERE / f'{module.__name__}.rules').read_text()
        for line in text.splitlines():
            name, value = line.split()
            setattr(module, name, int(value))


sys.meta_path.append(Finder())
--- price.rules
apple 1
--- test_a.py
def test_apple():
    import price
    assert price.apple == 1


def test_t():
    assert True
""",
        {"price.rules": "apple 2\n"},
        "test_apple",
    ),
    told(
        "module inside a zip archive on the path",
        """
--- conftest.py
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / 'lib.zip'))
--- test_a.py
def test_x():
    import packed
    assert packed.X == 1


def test_t():
    assert True
""",
        {"lib.zip": zipped(packed="X = 2\n")},
        "test_x",
        files={"lib.zip": zipped(packed="X = 1\n")},
    ),
    told(
        "module inside a zip archive, imported on top of a test file",
        """
--- test_a.py
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / 'lib.zip'))

from packed import f


def test_x():
    assert f() == 1


def test_t():
    assert True
""",
        {"lib.zip": zipped(packed="def f():\n    return 2\n")},
        "test_x",
        files={"lib.zip": zipped(packed="def f():\n    return 1\n")},
    ),
    told(
        "__main__ of a package run with python -m",
        """
--- app/__init__.py
--- app/__main__.py
print('a')
--- test_a.py
import subprocess
import sys


def test_main():
    assert subprocess.check_output([sys.executable, '-m', 'app']) == b'a\\n'


def test_t():
    assert True
""",
        {"app/__main__.py": "print('b')\n"},
        "test_main",
        most=1,
    ),
    told(
        "__main__ of a folder",
        """
--- tool/__main__.py
import lib

print(lib.X)
--- tool/lib.py
X = 'a'
--- test_a.py
import subprocess
import sys


def test_main():
    assert subprocess.check_output([sys.executable, 'tool']) == b'a\\n'


def test_t():
    assert True
""",
        {"tool/lib.py": "X = 'b'\n"},
        "test_main",
        most=1,
    ),
    told(
        "version in the metadata of an egg-info folder of the project",
        """
--- proj.egg-info/PKG-INFO
Metadata-Version: 2.1
Name: proj
Version: 1.0
--- test_a.py
from importlib.metadata import version


def test_version():
    assert version('proj') == '1.0'


def test_t():
    assert True
""",
        {"proj.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: proj\nVersion: 2.0\n"},
        "test_version",
    ),
    told(
        "entry points in an egg-info folder of the project",
        """
--- proj.egg-info/PKG-INFO
Metadata-Version: 2.1
Name: proj
Version: 1.0
--- proj.egg-info/entry_points.txt
[app.plugins]
one = app:one
--- app.py
from importlib.metadata import entry_points


def one():
    return 1


def two():
    return 2


def load():
    return [e.load()() for e in entry_points().select(group='app.plugins')]
--- test_a.py
import app


def test_load():
    assert app.load() == [1]


def test_t():
    assert True
""",
        {"proj.egg-info/entry_points.txt": "[app.plugins]\none = app:two\n"},
        "test_load",
    ),
    told(
        "import added that closes a cycle",
        """
--- app/__init__.py
--- app/low.py
def low():
    return 1
--- app/high.py
from app.low import low


def high():
    return low()
--- test_a.py
def test_high():
    from app.high import high
    assert high() == 1


def test_t():
    assert True
""",
        {"app/low.py": "from app.high import high\n\n\ndef low():\n    return 1\n"},
        "test_high",
        most=2,
    ),
    told(
        "settings module that a distribution imports by a variable",
        """
--- conftest.py
import os

os.environ['DEP_SETTINGS'] = 'project_settings'
--- project_settings.py
DEBUG = False
--- test_a.py
import dep


def test_debug():
    assert dep.get('DEBUG') is False


def test_again():
    assert dep.get('DEBUG') == 0


def test_t():
    assert True
""",
        {"project_settings.py": "DEBUG = True\n"},
        "test_debug",
        "test_again",
        site={
            "dep/__init__.py": "import importlib\nimport os\n\n_all = None\n\n\ndef get(name):\n    global _all\n"
            "    if _all is None:\n        _all = importlib.import_module(os.environ['DEP_SETTINGS'])\n"
            "    return getattr(_all, name)\n",
            "dep-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: dep\nVersion: 1.0\n",
        },
    ),
    told(
        "local settings that a distribution tries to import appear",
        """
--- test_a.py
import dep


def test_mode():
    assert dep.MODE == 'default'


def test_t():
    assert True
""",
        {"local_settings.py": "MODE = 'mine'\n"},
        "test_mode",
        site={
            "dep/__init__.py": "try:\n    from local_settings import MODE\nexcept ImportError:\n    MODE = 'default'\n",
            "dep-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: dep\nVersion: 1.0\n",
        },
    ),
    told(
        "callback of the project registered with a distribution by another module",
        """
--- app.py
import dep


@dep.on('save')
def saved(x):
    return x + 1
--- conftest.py
import app
--- test_a.py
import dep


def test_fire():
    assert dep.fire('save', 1) == [2]


def test_t():
    assert True
""",
        {
            "app.py": (
                "def saved(x):\n    return x + 1\n",
                "def saved(x):\n    return x + 1\n\n\n@dep.on('save')\ndef more(x):\n    return x\n",
            )
        },
        "test_fire",
        site={
            "dep/__init__.py": "_hooks = {}\n\n\ndef on(name):\n    def add(f):\n        _hooks.setdefault(name, []).append(f)\n"
            "        return f\n    return add\n\n\ndef fire(name, x):\n    return [f(x) for f in _hooks.get(name, [])]\n",
            "dep-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: dep\nVersion: 1.0\n",
        },
    ),
    told(
        "sitecustomize of the environment",
        """
--- test_a.py
import os


def test_mode():
    assert os.environ.get('SITE_MODE') is None


def test_t():
    assert True
""",
        {},
        "test_mode",
        site={"other.py": "X = 1\n"},
        site_change={"sitecustomize.py": "import os\n\nos.environ['SITE_MODE'] = 'x'\n"},
    ),
    told(
        "path file of the environment gains a line of code",
        """
--- test_a.py
import sys


def test_flag():
    assert not hasattr(sys, 'app_flag')


def test_t():
    assert True
""",
        {},
        "test_flag",
        site={"zz.pth": "# nothing\n"},
        site_change={"zz.pth": "import sys; sys.app_flag = 1\n"},
    ),
    told(
        "package path extended by another folder, where a module appears",
        """
--- app/__init__.py
from pathlib import Path

__path__.insert(0, str(Path(__file__).parent.parent / 'extra'))
--- app/core.py
X = 1
--- extra/readme.txt
hello
--- test_a.py
def test_x():
    from app import core
    assert core.X == 1


def test_t():
    assert True
""",
        {"extra/core.py": "X = 2\n"},
        "test_x",
    ),
    told(
        "find_spec of an optional module",
        """
--- app/__init__.py
import importlib.util


def has_extra():
    return importlib.util.find_spec('app.extra') is not None
--- test_a.py
import app


def test_no():
    assert not app.has_extra()


def test_t():
    assert True
""",
        {"app/extra.py": "X = 1\n"},
        "test_no",
        most=1,
    ),
    told(
        "__import__ with a joined name",
        """
--- app/__init__.py
def backend(name):
    return getattr(__import__('app.' + name), name)
--- app/fast.py
SPEED = 2
--- test_a.py
import app


def test_fast():
    assert app.backend('fast').SPEED == 2


def test_t():
    assert True
""",
        {"app/fast.py": "SPEED = 3\n"},
        "test_fast",
        most=1,
    ),
    told(
        "__init__ added to the folder of the tests",
        """
--- tests/test_n.py
def test_name():
    assert __name__ == 'test_n'
""",
        {"tests/__init__.py": ""},
        "tests/test_n.py::test_name",
    ),
    told(
        "__init__ of the tests sets something up",
        """
--- tests/__init__.py
import os

os.environ['TESTS_MODE'] = 'a'
--- tests/test_n.py
import os


def test_mode():
    assert os.environ['TESTS_MODE'] == 'a'
""",
        {"tests/__init__.py": "import os\n\nos.environ['TESTS_MODE'] = 'b'\n"},
        "tests/test_n.py::test_mode",
    ),
    told(
        "name imported from conftest",
        """
--- tests/__init__.py
--- tests/conftest.py
LIMIT = 1
OTHER = 5
--- tests/test_n.py
from tests.conftest import LIMIT


def test_limit():
    assert LIMIT == 1


def test_free():
    assert True
""",
        {"tests/conftest.py": ("LIMIT = 1", "LIMIT = 2")},
        "tests/test_n.py::test_limit",
        most=1,
    ),
    told(
        "relative import goes to another level",
        """
--- app/__init__.py
--- app/util.py
def u():
    return 1
--- app/sub/__init__.py
--- app/sub/util.py
def u():
    return 2
--- app/sub/core.py
from ..util import u


def core():
    return u()
--- test_a.py
from app.sub.core import core


def test_core():
    assert core() == 1


def test_t():
    assert True
""",
        {"app/sub/core.py": ("..util", ".util")},
        "test_core",
        most=1,
    ),
    told(
        "import under TYPE_CHECKING leaves a name undefined at run time",
        """
--- low.py
class Low:
    pass
--- app.py
from low import Low


def make():
    return Low()
--- test_a.py
import app


def test_make():
    assert app.make()


def test_t():
    assert True
""",
        {
            "app.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from low import Low\n\n\ndef make():\n    return Low()\n"
        },
        "test_make",
        most=1,
    ),
    told(
        "module that only counts in the except branch of an import",
        """
--- slow.py
def f():
    return 1
--- app.py
try:
    from missing_fast import f
except ImportError:
    from slow import f
--- test_a.py
import app


def test_f():
    assert app.f() == 1


def test_t():
    assert True
""",
        {"slow.py": "def f():\n    return 2\n"},
        "test_f",
        most=1,
    ),
    told(
        "third file imported by two hops of star imports",
        """
--- app/__init__.py
from .api import *
--- app/api.py
from .consts import *
--- app/consts.py
LIMIT = 1
--- test_a.py
import app


def test_limit():
    assert app.LIMIT == 1


def test_t():
    assert True
""",
        {"app/consts.py": "LIMIT = 2\n"},
        "test_limit",
        most=1,
    ),
]
