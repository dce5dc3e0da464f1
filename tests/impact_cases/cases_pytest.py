"""Changes that pytest itself makes felt: conftest, parametrisation, hooks, doctests, settings."""

from impact_case import Case

FIX = "import pytest\n\n\n@pytest.fixture\ndef {name}():\n    return {value}\n"
S = "sub/test_s.py::test_s"
TEST_S = {"sub/test_s.py": "def test_s(v):\n    assert v == 1\n",
          "test_o.py": "def test_o(v):\n    assert v == 1\n"}  # fmt: skip
PYTEST = [
    Case(
        "body of a conftest fixture",
        {
            "conftest.py": FIX.format(name="v", value=1)
            + "\n\n@pytest.fixture\ndef w():\n    return 1\n",
            "test_a.py": "def test_v(v):\n    assert v == 1\n\n\ndef test_w(w):\n    assert w == 1\n",
        },
        {
            "conftest.py": FIX.format(name="v", value=2)
            + "\n\n@pytest.fixture\ndef w():\n    return 1\n"
        },
        ("test_a.py::test_v",),
        most=1,
    ),
    Case(
        "app code reached only through a conftest fixture",
        {
            "app.py": "def f():\n    return 1\n",
            "conftest.py": "import pytest\nimport app\n\n\n@pytest.fixture\ndef s():\n    return app.f()\n",
            "test_a.py": "def test_s(s):\n    assert s == 1\n\n\ndef test_t():\n    assert True\n",
        },
        {"app.py": "def f():\n    return 2\n"},
        ("test_a.py::test_s",),
        most=1,
    ),
    Case(
        "new conftest.py overrides a parent fixture",
        {"conftest.py": FIX.format(name="v", value=1), **TEST_S},
        {"sub/conftest.py": FIX.format(name="v", value=2)},
        (S,),
        most=1,
    ),
    Case(
        "overriding conftest.py deleted",
        {
            "conftest.py": FIX.format(name="v", value=2),
            "sub/conftest.py": FIX.format(name="v", value=1),
            "sub/test_s.py": TEST_S["sub/test_s.py"],
            "test_o.py": "def test_o(v):\n    assert v == 2\n",
        },
        {"sub/conftest.py": None},
        (S,),
        most=1,
    ),
    Case(
        "pytest hook added to a conftest",
        {
            "conftest.py": "x = 1\n",
            "test_a.py": "def test_add():\n    assert True\n",
        },
        {
            "conftest.py": "import pytest\n\nx = 1\n\n\ndef pytest_runtest_call(item):\n    pytest.fail('no')\n",
        },
        ("test_a.py::test_add",),
    ),
    Case(
        "body of a conftest hook",
        {
            "conftest.py": "def pytest_collection_modifyitems(items):\n    pass\n",
            "test_a.py": "def test_a():\n    assert True\n",
        },
        {
            "conftest.py": "import pytest\n\n\ndef pytest_collection_modifyitems(items):\n"
            "    for item in items:\n        item.add_marker(pytest.mark.skip)\n",
        },
        ("test_a.py::test_a",),
    ),
    Case(
        "fixture requested by a computed name",
        {
            "conftest.py": FIX.format(name="v", value=1)
            + "\n\n@pytest.fixture\ndef w():\n    return 1\n",
            "test_a.py": "def test_v(request):\n    assert request.getfixturevalue(chr(118)) == 1\n\n\n"
            "def test_w(w):\n    assert w == 1\n",
        },
        {
            "conftest.py": FIX.format(name="v", value=2)
            + "\n\n@pytest.fixture\ndef w():\n    return 1\n"
        },
        ("test_a.py::test_v",),
        most=1,
    ),
    Case(
        "parameters of a fixture",
        {
            "conftest.py": "import pytest\n\n\n@pytest.fixture(params=[1])\ndef v(request):\n"
            "    return request.param\n",
            "test_a.py": "def test_v(v):\n    assert v == 1\n\n\ndef test_w():\n    assert 1\n",
        },
        {
            "conftest.py": "import pytest\n\n\n@pytest.fixture(params=[1, 2])\ndef v(request):\n"
            "    return request.param\n",
        },
        ("test_a.py::test_v[2]",),
    ),
    Case(
        "parameter list in a helper module gains a failing case",
        {
            "helper.py": "PARAMS = [1, 2]\n",
            "test_a.py": "import pytest\nfrom helper import PARAMS\n\n\n@pytest.mark.parametrize('x', PARAMS)\n"
            "def test_p(x):\n    assert x < 3\n\n\ndef test_t():\n    assert True\n",
        },
        {"helper.py": "PARAMS = [1, 2, 3]\n"},
        ("test_a.py::test_p[3]",),
        most=3,
    ),
    Case(
        "function that makes the parameters",
        {
            "helper.py": "def params():\n    return [1, 2]\n",
            "test_a.py": "import pytest\nfrom helper import params\n\n\n@pytest.mark.parametrize('x', params())\n"
            "def test_p(x):\n    assert x < 3\n\n\ndef test_t():\n    assert True\n",
        },
        {"helper.py": "def params():\n    return [1, 2, 3]\n"},
        ("test_a.py::test_p[3]",),
        most=3,
    ),
    Case(
        "pytest_generate_tests reads a helper",
        {
            "helper.py": "def params():\n    return [1, 2]\n",
            "test_a.py": "import helper\n\n\ndef pytest_generate_tests(metafunc):\n"
            "    if 'x' in metafunc.fixturenames:\n        metafunc.parametrize('x', helper.params())\n\n\n"
            "def test_p(x):\n    assert x < 3\n",
        },
        {"helper.py": "def params():\n    return [1, 2, 3]\n"},
        ("test_a.py::test_p[3]",),
    ),
    Case(
        "pytest_generate_tests of a conftest reads a data file",
        {
            "conftest.py": "import pathlib\n\n\ndef pytest_generate_tests(metafunc):\n"
            "    if 'x' in metafunc.fixturenames:\n        here = pathlib.Path(__file__).parent\n"
            "        metafunc.parametrize('x', (here / 'cases.txt').read_text().split())\n",
            "cases.txt": "1 2\n",
            "test_a.py": "def test_p(x):\n    assert int(x) < 3\n",
        },
        {"cases.txt": "1 2 3\n"},
        ("test_a.py::test_p[3]",),
    ),
    Case(
        "class attribute of a base test class in a helper module",
        {
            "helper.py": "class Base:\n    limit = 1\n",
            "test_a.py": "from helper import Base\n\n\nclass TestIt(Base):\n    def test_it(self):\n"
            "        assert self.limit == 1\n\n    def test_t(self):\n        assert True\n",
        },
        {"helper.py": "class Base:\n    limit = 2\n"},
        ("test_a.py::TestIt::test_it",),
        most=2,
    ),
    Case(
        "test inherited from a base class in a helper module",
        {
            "helper.py": "class Base:\n    def test_in(self):\n        assert self.v() == 1\n\n"
            "    def v(self):\n        return 1\n",
            "test_a.py": "from helper import Base\n\n\nclass TestIt(Base):\n    pass\n",
        },
        {
            "helper.py": "class Base:\n    def test_in(self):\n        assert self.v() == 1\n\n"
            "    def v(self):\n        return 2\n",
        },
        ("test_a.py::TestIt::test_in",),
    ),
    Case(
        "test added to a base class in a helper module",
        {
            "helper.py": "class Base:\n    def test_in(self):\n        assert True\n",
            "test_a.py": "from helper import Base\n\n\nclass TestIt(Base):\n    pass\n",
        },
        {
            "helper.py": "class Base:\n    def test_in(self):\n        assert True\n\n"
            "    def test_new(self):\n        assert False\n",
        },
        ("test_a.py::TestIt::test_new",),
    ),
    Case(
        "doctest in a docstring",
        {
            "pytest.ini": "[pytest]\naddopts = --doctest-modules\n",
            "app/__init__.py": "",
            "app/core.py": 'def add(a, b):\n    """Add.\n\n    >>> add(1, 2)\n    3\n    """\n    return a + b\n',
            "test_a.py": "def test_t():\n    assert True\n",
        },
        {
            "app/core.py": 'def add(a, b):\n    """Add.\n\n    >>> add(1, 2)\n    4\n    """\n    return a + b\n',
        },
        ("app/core.py::app.core.add",),
        most=1,
    ),
    Case(
        "doctest whose function calls another",
        {
            "pytest.ini": "[pytest]\naddopts = --doctest-modules\n",
            "low.py": "def one():\n    return 1\n",
            "app.py": 'from low import one\n\n\ndef f():\n    """F.\n\n    >>> f()\n    1\n    """\n'
            "    return one()\n",
        },
        {"low.py": "def one():\n    return 2\n"},
        ("app.py::app.f",),
    ),
    Case(
        "doctest in a text file",
        {
            "app.py": "def f():\n    return 1\n",
            "test_doc.txt": ">>> import app\n>>> app.f()\n1\n",
        },
        {"app.py": "def f():\n    return 2\n"},
        ("test_doc.txt::test_doc.txt",),
    ),
    Case(
        "text of a doctest file",
        {
            "test_doc.txt": ">>> 1 + 1\n2\n",
            "test_a.py": "def test_t():\n    assert True\n",
        },
        {"test_doc.txt": ">>> 1 + 1\n3\n"},
        ("test_doc.txt::test_doc.txt",),
    ),
    Case(
        "autouse fixture added to a conftest",
        {
            "conftest.py": "import pytest\n",
            "app.py": "X = 1\n",
            "test_a.py": "import app\n\n\ndef test_x():\n    assert app.X == 1\n",
        },
        {
            "conftest.py": "import pytest\nimport app\n\n\n@pytest.fixture(autouse=True)\ndef go():\n"
            "    app.X = 2\n",
        },
        ("test_a.py::test_x",),
    ),
    Case(
        "scope of a fixture",
        {
            "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef box():\n    return []\n",
            "test_a.py": "def test_one(box):\n    box.append(1)\n    assert len(box) == 1\n\n\n"
            "def test_two(box):\n    box.append(1)\n    assert len(box) == 1\n",
        },
        {
            "conftest.py": "import pytest\n\n\n@pytest.fixture(scope='session')\ndef box():\n    return []\n"
        },
        ("test_a.py::test_two",),
    ),
    Case(
        "mark added to a module",
        {
            "test_a.py": "import pytest\n\n\ndef test_one():\n    assert True\n",
            "test_b.py": "def test_t():\n    assert True\n",
        },
        {
            "test_a.py": "import pytest\n\npytestmark = pytest.mark.skip\n\n\ndef test_one():\n    assert True\n",
        },
        ("test_a.py::test_one",),
        most=1,
    ),
    Case(
        "condition of a skipif mark in a helper",
        {
            "helper.py": "import pytest\n\nneeds = pytest.mark.skipif(False, reason='no')\n",
            "test_a.py": "from helper import needs\n\n\n@needs\ndef test_one():\n    assert True\n\n\n"
            "def test_t():\n    assert True\n",
        },
        {"helper.py": "import pytest\n\nneeds = pytest.mark.skipif(True, reason='no')\n"},
        ("test_a.py::test_one",),
        most=1,
    ),
    Case(
        "settings of pytest",
        {
            "pytest.ini": "[pytest]\nxfail_strict = false\n",
            "test_a.py": "import pytest\n\n\n@pytest.mark.xfail\ndef test_x():\n    assert True\n",
        },
        {"pytest.ini": "[pytest]\nxfail_strict = true\n"},
        ("test_a.py::test_x",),
    ),
    Case(
        "plugin module of the project",
        {
            "plug.py": "import pytest\n\n\n@pytest.fixture\ndef v():\n    return 1\n",
            "conftest.py": "pytest_plugins = ['plug']\n",
            "test_a.py": "def test_v(v):\n    assert v == 1\n",
        },
        {"plug.py": "import pytest\n\n\n@pytest.fixture\ndef v():\n    return 2\n"},
        ("test_a.py::test_v",),
    ),
    Case(
        "usefixtures mark of a class",
        {
            "app.py": "X = [1]\n\n\ndef reset():\n    X[0] = 1\n",
            "conftest.py": "import pytest\nimport app\n\n\n@pytest.fixture\ndef clean():\n    app.reset()\n",
            "test_a.py": "import pytest\nimport app\n\n\n@pytest.mark.usefixtures('clean')\nclass TestIt:\n"
            "    def test_x(self):\n        assert app.X == [1]\n",
        },
        {"app.py": "X = [1]\n\n\ndef reset():\n    X[0] = 2\n"},
        ("test_a.py::TestIt::test_x",),
    ),
    Case(
        "test file of the same name in another folder",
        {
            "a/test_x.py": "def test_a():\n    assert True\n",
            "a/test_y.py": "def test_y():\n    assert 1\n",
        },
        {"b/test_z.py": "def test_z():\n    assert False\n"},
        ("b/test_z.py::test_z",),
        most=1,
    ),
    Case(
        "finalizer of a wide fixture",
        {
            "app.py": "def close():\n    return 1\n",
            "test_a.py": "import pytest\nimport app\n\n\n@pytest.fixture(scope='module')\ndef v():\n    yield 1\n"
            "    assert app.close() == 1\n\n\ndef test_one(v):\n    assert v\n\n\ndef test_two(v):\n    assert v\n",
        },
        {"app.py": "def close():\n    return 2\n"},
        ("test_a.py::test_two",),
    ),
]
