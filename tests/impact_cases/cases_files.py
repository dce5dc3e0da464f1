"""Changes of files that are not modules, or that are read as text."""

from impact_case import Case, Link

T = "test_a.py::"
OTHER = "\n\n\ndef test_t():\n    assert True\n"
HERE = "import pathlib\n\nHERE = pathlib.Path(__file__).parent\n\n\n"
FILES = [
    Case(
        "golden file compared by the test",
        {
            "app.py": "def render():\n    return 'a'\n",
            "golden/one.txt": "a",
            "golden/two.txt": "b",
            "test_a.py": HERE + "def test_render():\n    import app\n\n"
            "    assert app.render() == (HERE / 'golden' / 'one.txt').read_text()\n" + OTHER,
        },
        {"golden/one.txt": "c"},
        (T + "test_render",),
        most=1,
    ),
    Case(
        "package data read through importlib.resources",
        {
            "app/__init__.py": "",
            "app/data.txt": "a",
            "app/core.py": "from importlib import resources\n\n\ndef text():\n"
            "    return resources.files('app').joinpath('data.txt').read_text()\n",
            "test_a.py": "from app.core import text\n\n\ndef test_text():\n    assert text() == 'a'\n"
            + OTHER,
        },
        {"app/data.txt": "b"},
        (T + "test_text",),
        most=1,
    ),
    Case(
        "package data read through pkgutil",
        {
            "app/__init__.py": "",
            "app/data.txt": "a",
            "test_a.py": "import pkgutil\n\n\ndef test_text():\n"
            "    assert pkgutil.get_data('app', 'data.txt') == b'a'\n" + OTHER,
        },
        {"app/data.txt": "b"},
        (T + "test_text",),
        most=1,
    ),
    Case(
        "SQLite file opened by the C library",
        {
            "make.sql": "create table t (x); insert into t values (1);",
            "app.py": "import pathlib\nimport sqlite3\n\n\ndef value():\n"
            "    db = sqlite3.connect(':memory:')\n"
            "    db.executescript((pathlib.Path(__file__).parent / 'make.sql').read_text())\n"
            "    return db.execute('select x from t').fetchone()[0]\n",
            "test_a.py": "from app import value\n\n\ndef test_value():\n    assert value() == 1\n"
            + OTHER,
        },
        {"make.sql": "create table t (x); insert into t values (2);"},
        (T + "test_value",),
        most=1,
    ),
    Case(
        "symlink to a data file points elsewhere",
        {
            "one.txt": "1",
            "two.txt": "2",
            "now.txt": Link("one.txt"),
            "test_a.py": HERE
            + "def test_v():\n    assert (HERE / 'now.txt').read_text() == '1'\n"
            + OTHER,
        },
        {"now.txt": Link("two.txt")},
        (T + "test_v",),
        most=1,
    ),
    Case(
        "file behind a symlink",
        {
            "data/one.txt": "1",
            "link": Link("data"),
            "test_a.py": HERE
            + "def test_v():\n    assert (HERE / 'link' / 'one.txt').read_text() == '1'\n"
            + OTHER,
        },
        {"data/one.txt": "2"},
        (T + "test_v",),
        most=1,
    ),
    Case(
        ".env loaded by conftest at start-up",
        {
            ".env": "MODE=a",
            "conftest.py": "import os\nimport pathlib\n\n"
            "name, _, value = (pathlib.Path(__file__).parent / '.env').read_text().partition('=')\n"
            "os.environ['APP_' + name] = value.strip()\n",
            "test_a.py": "import os\n\n\ndef test_mode():\n    assert os.environ['APP_MODE'] == 'a'\n",
        },
        {".env": "MODE=b"},
        (T + "test_mode",),
    ),
    Case(
        "architecture test that reads source text; offending comment added elsewhere",
        {
            "app/__init__.py": "",
            "app/core.py": "x = 1\n",
            "app/more.py": "y = 1\n",
            "test_a.py": HERE
            + "def test_scan():\n    for path in sorted((HERE / 'app').rglob('*.py')):\n"
            "        assert 'FIXME' not in path.read_text()\n" + OTHER,
        },
        {"app/more.py": "y = 1  # FIXME\n"},
        (T + "test_scan",),
        most=1,
    ),
    Case(
        "architecture test; a file is added",
        {
            "app/__init__.py": "",
            "app/core.py": "x = 1\n",
            "test_a.py": HERE
            + "def test_scan():\n    for path in sorted((HERE / 'app').rglob('*.py')):\n"
            "        assert 'FIXME' not in path.read_text()\n" + OTHER,
        },
        {"app/new.py": "y = 1  # FIXME\n"},
        (T + "test_scan",),
        most=1,
    ),
    Case(
        "inspect.getsource of a function; only a comment changes",
        {
            "app.py": "def f():\n    return 1\n",
            "test_a.py": "import inspect\n\nfrom app import f\n\n\ndef test_src():\n"
            "    assert '#' not in inspect.getsource(f)\n" + OTHER,
        },
        {"app.py": "def f():\n    return 1  # here\n"},
        (T + "test_src",),
        most=1,
    ),
    Case(
        "inspect.getsource by two tests, cached by the first",
        {
            "app.py": "def f():\n    return 1\n",
            "test_a.py": "import inspect\n\nfrom app import f\n\n\ndef test_one():\n"
            "    assert '#' not in inspect.getsource(f)\n\n\ndef test_two():\n"
            "    assert '#' not in inspect.getsource(f)\n" + OTHER,
        },
        {"app.py": "def f():\n    return 1  # here\n"},
        (T + "test_one", T + "test_two"),
        most=2,
    ),
    Case(
        "file that is asked for appears",
        {
            "app.py": "import os\n\n\ndef mode():\n    return 'on' if os.path.exists('flag') else 'off'\n",
            "test_a.py": "from app import mode\n\n\ndef test_mode():\n    assert mode() == 'off'\n"
            + OTHER,
        },
        {"flag": ""},
        (T + "test_mode",),
        most=1,
    ),
    Case(
        "file that is opened and missing appears",
        {
            "app.py": "def read():\n    try:\n        return open('conf.ini').read()\n"
            "    except FileNotFoundError:\n        return ''\n",
            "test_a.py": "from app import read\n\n\ndef test_read():\n    assert read() == ''\n"
            + OTHER,
        },
        {"conf.ini": "x"},
        (T + "test_read",),
        most=1,
    ),
    Case(
        "listing by glob",
        {
            "data/a.json": "{}",
            "test_a.py": "import glob\n\n\ndef test_glob():\n    assert len(glob.glob('data/*.json')) == 1\n"
            + OTHER,
        },
        {"data/b.json": "{}"},
        (T + "test_glob",),
        most=1,
    ),
    Case(
        "size of a file",
        {
            "data.bin": "aa",
            "test_a.py": "import os\n\n\ndef test_size():\n    assert os.stat('data.bin').st_size == 2\n\n\n"
            "def test_getsize():\n    assert os.path.getsize('data.bin') == 2\n" + OTHER,
        },
        {"data.bin": "aaa"},
        (T + "test_size", T + "test_getsize"),
        most=2,
    ),
    Case(
        "template read when a module is imported",
        {
            "page.tmpl": "a",
            "app.py": "import pathlib\n\nPAGE = (pathlib.Path(__file__).parent / 'page.tmpl').read_text()\n\n\n"
            "def page():\n    return PAGE\n\n\ndef other():\n    return 1\n",
            "test_a.py": "import app\n\n\ndef test_page():\n    assert app.page() == 'a'\n\n\n"
            "def test_other():\n    assert app.other() == 1\n",
        },
        {"page.tmpl": "b"},
        (T + "test_page",),
        most=1,
    ),
    Case(
        "data file read once behind a cache",
        {
            "data.json": '{"x": 1}',
            "app.py": "import functools\nimport json\nimport pathlib\n\n\n@functools.cache\ndef load():\n"
            "    return json.loads((pathlib.Path(__file__).parent / 'data.json').read_text())\n",
            "test_a.py": "import app\n\n\ndef test_one():\n    assert app.load()['x'] == 1\n\n\n"
            "def test_two():\n    assert app.load()['x'] == 1\n" + OTHER,
        },
        {"data.json": '{"x": 2}'},
        (T + "test_one", T + "test_two"),
        most=2,
    ),
    Case(
        "docstring that a test reads",
        {
            "app.py": 'def f():\n    """One."""\n    return 1\n',
            "test_a.py": "import app\n\n\ndef test_doc():\n    assert app.f.__doc__ == 'One.'\n"
            + OTHER,
        },
        {"app.py": 'def f():\n    """Two."""\n    return 1\n'},
        (T + "test_doc",),
        most=1,
    ),
    Case(
        "line number that a test reads",
        {
            "app.py": "def f():\n    raise ValueError\n",
            "test_a.py": "import app\n\n\ndef test_line():\n    try:\n        app.f()\n"
            "    except ValueError as e:\n        assert e.__traceback__.tb_next.tb_lineno == 2\n"
            + OTHER,
        },
        {"app.py": "# a comment\ndef f():\n    raise ValueError\n"},
        (T + "test_line",),
        most=1,
    ),
    Case(
        "configuration file of the project read by a test",
        {
            "pyproject.toml": "[project]\nversion = '1'\n",
            "test_a.py": HERE
            + "def test_version():\n    assert \"'1'\" in (HERE / 'pyproject.toml').read_text()\n"
            + OTHER,
        },
        {"pyproject.toml": "[project]\nversion = '2'\n"},
        (T + "test_version",),
        most=1,
    ),
]
