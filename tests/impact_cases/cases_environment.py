"""Changes of what lies around the project: distributions, variables, code beside it."""

from impact_case import Case

T = "test_a.py::"
OTHER = "\n\n\ndef test_t():\n    assert True\n"


def dist(name: str, version: str, code: str) -> dict[str, str]:
    return {
        f"{name}/__init__.py": code,
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{name}-{version}.dist-info/RECORD": "",
    }


def upgraded(name: str, old: str, new: str, code: str) -> dict[str, str | None]:
    return {f"{name}-{old}.dist-info": None, **dist(name, new, code)}


ENVIRONMENT = [
    Case(
        "third-party distribution upgraded (version changes)",
        {
            "test_a.py": "import dep\n\n\ndef test_v():\n    assert dep.X == 1\n",
            "test_b.py": OTHER.lstrip(),
        },
        {},
        (T + "test_v",),
        most=1,
        site=dist("dep", "1.0", "X = 1\n"),
        site_change=upgraded("dep", "1.0", "2.0", "X = 2\n"),
    ),
    Case(
        "version read from metadata only",
        {
            "test_a.py": "from importlib.metadata import version\n\n\ndef test_v():\n"
            "    assert version('dep') == '1.0'\n" + OTHER,
        },
        {},
        (T + "test_v",),
        most=1,
        site=dist("dep", "1.0", "X = 1\n"),
        site_change=upgraded("dep", "1.0", "2.0", "X = 1\n"),
    ),
    Case(
        "third-party code edited in place (editable install), same version",
        {
            "test_a.py": "import lib\n\n\ndef test_v():\n    assert lib.f() == 1\n",
            "test_b.py": OTHER.lstrip(),
        },
        {},
        (T + "test_v",),
        most=1,
        beside={"lib.py": "def f():\n    return 1\n"},
        beside_change={"lib.py": "def f():\n    return 2\n"},
    ),
    Case(
        "optional dependency installed; importorskip test starts to run",
        {
            "test_a.py": "import pytest\n\n\ndef test_opt():\n    pytest.importorskip('extra')\n"
            + OTHER,
        },
        {},
        (T + "test_opt",),
        site_change=dist("extra", "1.0", "X = 1\n"),
    ),
    Case(
        "optional dependency uninstalled",
        {
            "app.py": "try:\n    import extra\nexcept ImportError:\n    extra = None\n",
            "test_a.py": "import app\n\n\ndef test_opt():\n    assert app.extra is not None\n",
            "test_b.py": OTHER.lstrip(),
        },
        {},
        (T + "test_opt",),
        most=1,
        site=dist("extra", "1.0", "X = 1\n"),
        site_change={"extra": None, "extra-1.0.dist-info": None},
    ),
    Case(
        "dependency of a dependency upgraded",
        {
            "test_a.py": "import dep\n\n\ndef test_v():\n    assert dep.X == 1\n",
            "test_b.py": OTHER.lstrip(),
        },
        {},
        (T + "test_v",),
        most=1,
        site={
            **dist("dep", "1.0", "from low import X\nimport low\n"),
            **dist("low", "1.0", "X = 1\n"),
        },
        site_change=upgraded("low", "1.0", "2.0", "X = 2\n"),
    ),
    Case(
        "environment variable that a test reads",
        {
            "test_a.py": "import os\n\n\ndef test_v():\n    assert os.environ.get('APP_FLAG') == 'a'\n"
            + OTHER,
        },
        {},
        (T + "test_v",),
        most=1,
        env={"APP_FLAG": "a"},
        env_change={"APP_FLAG": "b"},
    ),
    Case(
        "environment variable that a module reads on import",
        {
            "app.py": "import os\n\nFLAG = os.getenv('APP_FLAG', 'a')\nOTHER = 1\n",
            "test_a.py": "import app\n\n\ndef test_v():\n    assert app.FLAG == 'a'\n\n\n"
            "def test_o():\n    assert app.OTHER == 1\n",
        },
        {},
        (T + "test_v",),
        most=1,
        env_change={"APP_FLAG": "b"},
    ),
    Case(
        "environment variable that a child reads",
        {
            "test_a.py": "import subprocess\nimport sys\n\nCODE = \"import os; print(os.environ.get('APP_FLAG'))\"\n\n\n"
            "def test_v():\n    assert subprocess.check_output([sys.executable, '-c', CODE]) == b'a\\n'\n"
            + OTHER,
        },
        {},
        (T + "test_v",),
        most=1,
        env={"APP_FLAG": "a"},
        env_change={"APP_FLAG": "b"},
    ),
    Case(
        "entry points of a group",
        {
            "test_a.py": "from importlib.metadata import entry_points\n\n\ndef test_v():\n"
            "    eps = entry_points()\n    group = eps.select(group='my.plugins') if hasattr(eps, 'select')"
            " else eps.get('my.plugins', ())\n    assert not list(group)\n" + OTHER,
        },
        {},
        (T + "test_v",),
        most=1,
        site_change={
            **dist("plug", "1.0", "X = 1\n"),
            "plug-1.0.dist-info/entry_points.txt": "[my.plugins]\na = plug\n",
        },
    ),
    Case(
        "pytest option in the environment",
        {"test_a.py": "import pytest\n\n\n@pytest.mark.xfail\ndef test_x():\n    assert True\n"},
        {},
        (T + "test_x",),
        env_change={"PYTEST_ADDOPTS": "-o xfail_strict=true"},
    ),
]
