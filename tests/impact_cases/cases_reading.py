"""Ways of reading files, folders and variables."""

from __future__ import annotations

import base64
import sqlite3
from typing import TYPE_CHECKING, Any

from impact_case import Link, Script
from impact_text import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from impact_case import Case
    from impact_text import Edit

# A catalogue of gettext with one message: "hi" in two translations of the same length.
CATALOGUE = base64.b64decode(
    "3hIElQAAAAABAAAAHAAAACQAAAAAAAAALAAAAAIAAAAsAAAABAAAAC8AAABoaQBob2xhAA=="
)


def _database(value: int) -> bytes:
    db = sqlite3.connect(":memory:")
    db.execute("create table t (x)")
    db.execute("insert into t values (?)", (value,))
    db.commit()
    return db.serialize()


READ = """
--- data.txt
one
--- test_a.py
{imports}

def test_v():
    {code}


def test_t():
    assert True
"""


def reads(
    name: str,
    code: str,
    *,
    imports: str = "",
    edits: Mapping[str, Edit] | None = None,
    most: int | None = 1,
    **more: Any,
) -> Case:
    """Make a case whose only test runs some code on data.txt."""
    text = READ.format(imports=imports, code=code.replace("\n", "\n    "))
    wanted = [name for name in ("tmp_path", "monkeypatch") if name in code]
    text = text.replace("test_v()", f"test_v({', '.join(wanted)})")
    change = {"data.txt": "two\n"} if edits is None else edits
    return told(name, text, change, "test_v", most=most, **more)


READING = [
    reads(
        "os.open",
        "fd = os.open('data.txt', os.O_RDONLY)\nassert os.read(fd, 9) == b'one\\n'",
        imports="import os\n",
    ),
    reads(
        "open relative to a folder's descriptor",
        "here = os.open('sub', os.O_RDONLY)\nfd = os.open('deep.txt', os.O_RDONLY, dir_fd=here)\nassert os.read(fd, 9) == b'1\\n'",
        imports="import os\n",
        files={"sub/deep.txt": "1\n"},
        edits={"sub/deep.txt": "2\n"},
    ),
    reads("io.FileIO", "assert io.FileIO('data.txt').read() == b'one\\n'", imports="import io\n"),
    reads(
        "mmap",
        "with open('data.txt') as f:\n    assert mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)[:3] == b'one'",
        imports="import mmap\n",
    ),
    reads(
        "tokenize.open",
        "assert tokenize.open('data.txt').read() == 'one\\n'",
        imports="import tokenize\n",
    ),
    reads(
        "fileinput",
        "assert list(fileinput.input('data.txt')) == ['one\\n']",
        imports="import fileinput\n",
    ),
    reads(
        "copy that the test reads",
        "copy = tmp_path / 'c'\nshutil.copy('data.txt', copy)\nassert copy.read_text() == 'one\\n'",
        imports="import shutil\n",
    ),
    reads(
        "hard link that the test reads",
        "os.link('data.txt', tmp_path / 'c')\nassert (tmp_path / 'c').read_text() == 'one\\n'",
        imports="import os\n",
    ),
    reads(
        "symbolic link made by the test",
        "os.symlink(os.path.abspath('data.txt'), tmp_path / 'c')\nassert (tmp_path / 'c').read_text() == 'one\\n'",
        imports="import os\n",
    ),
    reads(
        "opener of the C library",
        "libc = ctypes.CDLL(None)\nlibc.fopen.restype = ctypes.c_void_p\nlibc.fgetc.argtypes = [ctypes.c_void_p]\nf = libc.fopen(b'data.txt', b'r')\nassert libc.fgetc(f) == ord('o')",
        imports="import ctypes\n",
        most=None,
    ),
    reads(
        "database attached by SQLite itself",
        "db = sqlite3.connect(':memory:')\ndb.execute(\"attach 'side.db' as side\")\nassert db.execute('select x from side.t').fetchall() == [(1,)]",
        imports="import sqlite3\n",
        files={"side.db": _database(1)},
        edits={"side.db": _database(2)},
    ),
    reads(
        "data read after a change of folder",
        "monkeypatch.chdir('sub')\nassert open('deep.txt').read() == '1\\n'",
        files={"sub/deep.txt": "1\n"},
        edits={"sub/deep.txt": "2\n"},
    ),
    reads(
        "configparser.read of a missing file",
        "c = configparser.ConfigParser()\nassert c.read(['a.cfg', 'b.cfg']) == []",
        imports="import configparser\n",
        edits={"b.cfg": "[x]\n"},
    ),
    reads(
        "os.walk finds a file in a new folder",
        "found = [f for _, _, files in os.walk('tree') for f in files]\nassert found == ['a']",
        imports="import os\n",
        files={"tree/a": "1\n"},
        edits={"tree/new/b": "1\n"},
    ),
    reads(
        "rglob finds a deeper file",
        "assert len(list(pathlib.Path('tree').rglob('*.x'))) == 1",
        imports="import pathlib\n",
        files={"tree/a/b.x": "", "tree/c/d.y": ""},
        edits={"tree/c/e.x": ""},
    ),
    reads(
        "recursive glob",
        "assert glob.glob('**/*.x', recursive=True) == ['tree/a/b.x']",
        imports="import glob\n",
        files={"tree/a/b.x": "", "tree/c/d.y": ""},
        edits={"tree/c/e.x": ""},
    ),
    reads(
        "listing of a package's resources",
        "from importlib.resources import files\nassert [f.name for f in files('app').iterdir() if f.name.endswith('.sql')] == ['a.sql']",
        files={"app/__init__.py": "", "app/a.sql": ""},
        edits={"app/b.sql": ""},
    ),
    reads(
        "sizes by the entries of scandir",
        "assert sum(e.stat().st_size for e in os.scandir('tree')) == 2",
        imports="import os\n",
        files={"tree/a": "1\n"},
        edits={"tree/a": "12\n"},
    ),
    reads(
        "kind by the entries of scandir",
        "assert [e.is_symlink() for e in os.scandir('tree')] == [False]",
        imports="import os\n",
        files={"tree/a": "1\n", "b": "1\n"},
        edits={"tree/a": Link("../b")},
    ),
    reads(
        "file becomes executable",
        "assert not os.access('data.txt', os.X_OK)",
        imports="import os\n",
        edits={"data.txt": Script("one\n")},
    ),
    reads(
        "mode bits of a file",
        "assert os.stat('data.txt').st_mode & 0o100 == 0",
        imports="import os\n",
        edits={"data.txt": Script("one\n")},
    ),
    reads(
        "target of a link",
        "assert os.readlink('link') == 'data.txt'",
        imports="import os\n",
        files={"link": Link("data.txt"), "same.txt": "one\n"},
        edits={"link": Link("same.txt")},
    ),
    reads(
        "link to a folder points elsewhere",
        "assert open('now/x').read() == '1\\n'",
        files={"v1/x": "1\n", "v2/x": "2\n", "now": Link("v1")},
        edits={"now": Link("v2")},
    ),
    reads(
        "files compared by the library",
        "assert filecmp.cmp('data.txt', 'b.txt', shallow=False)",
        imports="import filecmp\n",
        files={"b.txt": "one\n"},
    ),
    reads(
        "translations",
        "assert gettext.translation('app', 'locale', ['es']).gettext('hi') == 'hola'",
        imports="import gettext\n",
        files={"locale/es/LC_MESSAGES/app.mo": CATALOGUE},
        edits={"locale/es/LC_MESSAGES/app.mo": CATALOGUE.replace(b"hola", b"buen")},
    ),
    reads(
        "translations that appear",
        "assert gettext.translation('app', 'locale', ['es'], fallback=True).gettext('hi') == 'hi'",
        imports="import gettext\n",
        edits={"locale/es/LC_MESSAGES/app.mo": CATALOGUE},
    ),
    reads(
        "logging configured by a file",
        "import logging.config\nlogging.config.fileConfig('log.ini')\nassert logging.getLogger().level == 10",
        files={
            "log.ini": "[loggers]\nkeys=root\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nlevel=DEBUG\nhandlers=\n"
        },
        edits={
            "log.ini": "[loggers]\nkeys=root\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nlevel=INFO\nhandlers=\n"
        },
    ),
    reads(
        "certificate file read by OpenSSL",
        "context = ssl.create_default_context()\nwith pytest.raises(ssl.SSLError):\n    context.load_verify_locations('ca.pem')\nassert os.path.getsize('data.txt')",
        imports="import os\nimport ssl\n\nimport pytest\n",
        edits={"data.txt": "", "ca.pem": "x"},
        files={"ca.pem": "no\n"},
    ),
    reads(
        "git ls-files in a test",
        "out = subprocess.check_output(['git', 'ls-files', '*.txt'], text=True)\nassert out.split() == ['data.txt']",
        imports="import subprocess\n",
        edits={"new.txt": "x\n"},
    ),
    reads(
        "file at the end of the index, by git",
        "out = subprocess.check_output(['git', 'cat-file', '-p', ':data.txt'], text=True)\nassert out == 'one\\n'",
        imports="import subprocess\n",
    ),
    reads(
        "make reads the project",
        "assert subprocess.check_output(['make', '-s', 'show'], text=True) == 'one\\n'",
        imports="import subprocess\n",
        files={"Makefile": "show:\n\t@cat data.txt\n"},
    ),
    reads(
        "recipe of make",
        "assert subprocess.check_output(['make', '-s', 'show'], text=True) == '1\\n'",
        imports="import subprocess\n",
        files={"Makefile": "show:\n\t@echo 1\n"},
        edits={"Makefile": "show:\n\t@echo 2\n"},
    ),
    reads(
        "script sourced by another",
        "assert subprocess.check_output(['sh', 'go.sh'], text=True) == '1\\n'",
        imports="import subprocess\n",
        files={"go.sh": ". ./lib.sh\nf\n", "lib.sh": "f() { echo 1; }\n"},
        edits={"lib.sh": "f() { echo 2; }\n"},
    ),
    reads(
        "executable of the project found on the path",
        "env = {**os.environ, 'PATH': os.path.abspath('bin') + ':' + os.environ['PATH']}\nassert subprocess.check_output(['tool'], env=env, text=True) == '1\\n'",
        imports="import os\nimport subprocess\n",
        files={"bin/tool": Script("#!/bin/sh\necho 1\n")},
        edits={"bin/tool": Script("#!/bin/sh\necho 2\n")},
    ),
    reads(
        "executable of the project hides one of the system",
        "monkeypatch.setenv('PATH', os.path.abspath('bin') + ':' + os.environ['PATH'])\nassert subprocess.check_output(['basename', 'x/y'], text=True) == 'y\\n'",
        imports="import os\nimport subprocess\n",
        files={"bin/tool": Script("#!/bin/sh\necho 1\n")},
        edits={"bin/basename": Script("#!/bin/sh\necho 2\n")},
    ),
    reads(
        "shutil.which finds a tool of the project",
        "monkeypatch.setenv('PATH', os.path.abspath('bin'))\nassert shutil.which('mytool') is None",
        imports="import os\nimport shutil\n",
        files={"bin/other": Script("#!/bin/sh\n")},
        edits={"bin/mytool": Script("#!/bin/sh\n")},
    ),
    reads(
        "input of a child",
        "with open('data.txt') as f:\n    assert subprocess.check_output(['cat'], stdin=f) == b'one\\n'",
        imports="import subprocess\n",
    ),
    reads(
        "code given to a child on its input",
        "with open('code.txt') as f:\n    assert subprocess.check_output([sys.executable, '-'], stdin=f) == b'1\\n'",
        imports="import subprocess\nimport sys\n",
        files={"code.txt": "import lib\nprint(lib.X)\n", "lib.py": "X = 1\n"},
        edits={"lib.py": "X = 2\n"},
    ),
    reads(
        "child started with posix_spawn",
        "r, w = os.pipe()\npid = os.posix_spawn('/bin/cat', ['cat', 'data.txt'], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, w, 1)])\nos.waitpid(pid, 0)\nassert os.read(r, 9) == b'one\\n'",
        imports="import os\n",
    ),
    reads(
        "fork that reads a file",
        "r, w = os.pipe()\npid = os.fork()\nif not pid:\n    os.write(w, open('data.txt', 'rb').read())\n    os._exit(0)\nos.waitpid(pid, 0)\nassert os.read(r, 9) == b'one\\n'",
        imports="import os\n",
        most=None,
    ),
    reads(
        "process made by asyncio",
        "async def go():\n    p = await asyncio.create_subprocess_exec(sys.executable, '-c', 'import lib; print(lib.X)', stdout=-1)\n    return (await p.communicate())[0]\nassert asyncio.run(go()) == b'1\\n'",
        imports="import asyncio\nimport sys\n",
        files={"lib.py": "X = 1\n"},
        edits={"lib.py": "X = 2\n"},
    ),
    reads(
        "bytes of the environment",
        "assert os.environb.get(b'APP_X') is None",
        imports="import os\n",
        edits={},
        env_change={"APP_X": "1"},
    ),
    reads(
        "items of the environment",
        "assert not [k for k in os.environ if k.startswith('APP_')]",
        imports="import os\n",
        edits={},
        env_change={"APP_X": "1"},
    ),
    reads(
        "copy of the environment",
        "assert os.environ.copy().get('APP_X') is None",
        imports="import os\n",
        edits={},
        env_change={"APP_X": "1"},
    ),
    reads(
        "expandvars",
        "assert os.path.expandvars('$APP_X') == '$APP_X'",
        imports="import os\n",
        edits={},
        env_change={"APP_X": "1"},
    ),
    reads(
        "time zone",
        "assert time.localtime(0).tm_hour == 0",
        imports="import time\n",
        edits={},
        env={"TZ": "UTC"},
        env_change={"TZ": "Asia/Tokyo"},
        most=None,
    ),
    reads(
        "width of the terminal",
        "assert shutil.get_terminal_size().columns == 80",
        imports="import shutil\n",
        edits={},
        env={"COLUMNS": "80"},
        env_change={"COLUMNS": "90"},
        most=None,
    ),
    reads(
        "variable read by the C library",
        "libc = ctypes.CDLL(None)\nlibc.getenv.restype = ctypes.c_char_p\nassert libc.getenv(b'APP_X') is None",
        imports="import ctypes\n",
        edits={},
        env_change={"APP_X": "1"},
        most=None,
    ),
    reads(
        "variable read by a shell",
        "assert subprocess.check_output('echo $APP_X', shell=True) == b'\\n'",
        imports="import subprocess\n",
        edits={},
        env_change={"APP_X": "1"},
    ),
    reads(
        "optimised child",
        "assert subprocess.run([sys.executable, '-O', 'go.py']).returncode == 0",
        imports="import subprocess\nimport sys\n",
        files={"go.py": "import lib\n", "lib.py": "assert 1\n"},
        edits={"lib.py": "raise SystemExit(3)\n"},
    ),
    told(
        "file kept by linecache, read by two tests",
        "\n--- data.txt\none\n--- app.py\nimport linecache\nimport os\n\n\ndef first():\n"
        "    return linecache.getline(os.path.abspath('data.txt'), 1)\n--- test_a.py\nimport app\n\n\n"
        "def test_one():\n    assert app.first() == 'one\\n'\n\n\ndef test_two():\n    assert app.first() == 'one\\n'\n\n\n"
        "def test_t():\n    assert True\n",
        {"data.txt": "two\n"},
        "test_one",
        "test_two",
        most=2,
    ),
    told(
        "template kept by the environment of jinja",
        "\n--- templates/base.txt\nHello {{ x }}\n--- app.py\nimport jinja2\n\n"
        "env = jinja2.Environment(loader=jinja2.FileSystemLoader('templates'))\n\n\ndef show(x):\n"
        "    return env.get_template('base.txt').render(x=x)\n--- test_a.py\nimport app\n\n\n"
        "def test_one():\n    assert app.show(1) == 'Hello 1'\n\n\ndef test_two():\n    assert app.show(2) == 'Hello 2'\n\n\n"
        "def test_t():\n    assert True\n",
        {"templates/base.txt": "Bye {{ x }}\n"},
        "test_one",
        "test_two",
        most=2,
        needs=("jinja2",),
    ),
    told(
        "template appears in an earlier folder of jinja's loader",
        "\n--- templates/base.txt\nHello {{ x }}\n--- over/none.txt\n--- app.py\nimport jinja2\n\n"
        "env = jinja2.Environment(loader=jinja2.FileSystemLoader(['over', 'templates']))\n\n\ndef show(x):\n"
        "    return env.get_template('base.txt').render(x=x)\n--- test_a.py\nimport app\n\n\n"
        "def test_one():\n    assert app.show(1) == 'Hello 1'\n\n\ndef test_two():\n    assert app.show(2) == 'Hello 2'\n\n\n"
        "def test_t():\n    assert True\n",
        {"over/base.txt": "Bye {{ x }}\n"},
        "test_one",
        "test_two",
        most=2,
        needs=("jinja2",),
    ),
    told(
        "rows of a table opened once by a distribution's object",
        "\n--- data.csv\n1,2\n--- app.py\nfrom dep import Store\n\nstore = Store('data.csv')\n--- test_a.py\nimport app\n\n\n"
        "def test_one():\n    assert app.store.rows() == ['1,2']\n\n\ndef test_two():\n    assert len(app.store.rows()[0]) == 3\n\n\n"
        "def test_t():\n    assert True\n",
        {"data.csv": "1,22\n"},
        "test_one",
        "test_two",
        most=2,
        site={
            "dep/__init__.py": "class Store:\n    def __init__(self, path):\n        self.path = path\n        self._rows = None\n\n"
            "    def rows(self):\n        if self._rows is None:\n            with open(self.path) as f:\n"
            "                self._rows = f.read().split()\n        return self._rows\n",
            "dep-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: dep\nVersion: 1.0\n",
        },
    ),
]
