"""Changes of code that is found by computed names, compiled from text, or mocked."""

from impact_case import Case

T = "test_a.py::"
OTHER = "\n\n\ndef test_t():\n    assert True\n"
DYNAMIC = [
    Case(
        "function mocked by dotted string is renamed",
        {
            "app.py": "def fetch():\n    return 1\n\n\ndef go():\n    return 2\n",
            "test_a.py": "from unittest import mock\nimport app\n\n\ndef test_go():\n"
            "    with mock.patch('app.fetch'):\n        assert app.go() == 2\n" + OTHER,
        },
        {"app.py": "def fetched():\n    return 1\n\n\ndef go():\n    return 2\n"},
        (T + "test_go",),
        most=1,
    ),
    Case(
        "function patched by monkeypatch is removed",
        {
            "app.py": "def fetch():\n    return 1\n\n\ndef go():\n    return 2\n",
            "test_a.py": "import app\n\n\ndef test_go(monkeypatch):\n"
            "    monkeypatch.setattr(app, 'fetch', None)\n    assert app.go() == 2\n" + OTHER,
        },
        {"app.py": "def go():\n    return 2\n"},
        (T + "test_go",),
        most=1,
    ),
    Case(
        "mocked with autospec, signature changes",
        {
            "app.py": "def fetch(a):\n    return 1\n",
            "test_a.py": "from unittest import mock\nimport app\n\n\n@mock.patch('app.fetch', autospec=True)\n"
            "def test_go(fetch):\n    app.fetch(1)\n" + OTHER,
        },
        {"app.py": "def fetch(a, b):\n    return 1\n"},
        (T + "test_go",),
        most=1,
    ),
    Case(
        "script executed with runpy",
        {
            "job.py": "X = 1\n",
            "test_a.py": "import runpy\n\n\ndef test_job():\n    assert runpy.run_path('job.py')['X'] == 1\n"
            + OTHER,
        },
        {"job.py": "X = 2\n"},
        (T + "test_job",),
        most=1,
    ),
    Case(
        "module executed with runpy, under its main guard",
        {
            "job.py": "def main():\n    global X\n    X = 1\n\n\nif __name__ == '__main__':\n    main()\n",
            "test_a.py": "import runpy\n\n\ndef test_job():\n"
            "    assert runpy.run_module('job', run_name='__main__')['X'] == 1\n" + OTHER,
        },
        {
            "job.py": "def main():\n    global X\n    X = 1\n\n\nif __name__ == '__main__':\n    main()\n    X = 2\n"
        },
        (T + "test_job",),
        most=1,
    ),
    Case(
        "source file read and exec'd",
        {
            "job.py": "X = 1\n",
            "test_a.py": "def test_exec():\n    space = {}\n    exec(open('job.py').read(), space)\n"
            "    assert space['X'] == 1\n" + OTHER,
        },
        {"job.py": "X = 2\n"},
        (T + "test_exec",),
        most=1,
    ),
    Case(
        "module loaded by a computed name",
        {
            "plugins/__init__.py": "",
            "plugins/a.py": "VALUE = 1\n",
            "app.py": "import importlib\n\n\ndef load(name):\n"
            "    return importlib.import_module('plugins.' + name).VALUE\n",
            "test_a.py": "import app\n\n\ndef test_one():\n    assert app.load('a') == 1\n\n\n"
            "def test_two():\n    assert app.load('a') == 1\n" + OTHER,
        },
        {"plugins/a.py": "VALUE = 2\n"},
        (T + "test_one", T + "test_two"),
        most=2,
    ),
    Case(
        "plug-ins found by walking a package; one is added",
        {
            "plugins/__init__.py": "",
            "plugins/a.py": "X = 1\n",
            "app.py": "import pkgutil\nimport plugins\n\n\ndef names():\n"
            "    return [m.name for m in pkgutil.iter_modules(plugins.__path__)]\n",
            "test_a.py": "import app\n\n\ndef test_names():\n    assert app.names() == ['a']\n"
            + OTHER,
        },
        {"plugins/b.py": "X = 1\n"},
        (T + "test_names",),
        most=1,
    ),
    Case(
        "method found by a computed name",
        {
            "app.py": "class V:\n    def visit(self, kind):\n"
            "        return getattr(self, 'visit_' + kind, self.other)()\n\n    def other(self):\n        return 0\n",
            "test_a.py": "import app\n\n\ndef test_v():\n    assert app.V().visit('a') == 0\n"
            + OTHER,
        },
        {
            "app.py": "class V:\n    def visit(self, kind):\n"
            "        return getattr(self, 'visit_' + kind, self.other)()\n\n    def other(self):\n        return 0\n"
            "\n    def visit_a(self):\n        return 1\n",
        },
        (T + "test_v",),
        most=1,
    ),
    Case(
        "method that a library finds by a computed name",
        {
            "app.py": "import ast\n\n\nclass V(ast.NodeVisitor):\n    n = 0\n\n\ndef count(text):\n    v = V()\n"
            "    v.visit(ast.parse(text))\n    return v.n\n",
            "test_a.py": "import app\n\n\ndef test_v():\n    assert app.count('x') == 0\n" + OTHER,
        },
        {
            "app.py": "import ast\n\n\nclass V(ast.NodeVisitor):\n    n = 0\n\n    def visit_Name(self, node):\n"
            "        self.n += 1\n\n\ndef count(text):\n    v = V()\n    v.visit(ast.parse(text))\n    return v.n\n",
        },
        (T + "test_v",),
        most=1,
    ),
    Case(
        "globals() searched for a prefix",
        {
            "app.py": "def do_a():\n    pass\n\n\ndef names():\n"
            "    return [n for n in globals() if n.startswith('do_')]\n",
            "test_a.py": "import app\n\n\ndef test_n():\n    assert app.names() == ['do_a']\n"
            + OTHER,
        },
        {
            "app.py": "def do_a():\n    pass\n\n\ndef do_b():\n    pass\n\n\ndef names():\n"
            "    return [n for n in globals() if n.startswith('do_')]\n",
        },
        (T + "test_n",),
        most=1,
    ),
    Case(
        "expression evaluated from text",
        {
            "app.py": "LIMIT = 1\n\n\ndef run(text):\n    return eval(text)\n",
            "test_a.py": "import app\n\n\ndef test_e():\n    assert app.run('LIM' + 'IT') == 1\n"
            + OTHER,
        },
        {"app.py": "LIMIT = 2\n\n\ndef run(text):\n    return eval(text)\n"},
        (T + "test_e",),
        most=1,
    ),
    Case(
        "object loaded from a pickle calls its class",
        {
            "app.py": "class P:\n    def __init__(self):\n        self.x = 1\n\n    def __setstate__(self, s):\n"
            "        self.x = s['x']\n",
            "test_a.py": "import pickle\nimport app\n\n\ndef test_p():\n"
            "    assert pickle.loads(pickle.dumps(app.P())).x == 1\n" + OTHER,
        },
        {
            "app.py": "class P:\n    def __init__(self):\n        self.x = 1\n\n    def __setstate__(self, s):\n"
            "        self.x = 5\n",
        },
        (T + "test_p",),
        most=1,
    ),
    Case(
        "member found with vars()",
        {
            "app.py": "class C:\n    a = 1\n\n\ndef members():\n    return sorted(k for k in vars(C) if k[0] != '_')\n",
            "test_a.py": "import app\n\n\ndef test_m():\n    assert app.members() == ['a']\n"
            + OTHER,
        },
        {
            "app.py": "class C:\n    a = 1\n    b = 2\n\n\ndef members():\n"
            "    return sorted(k for k in vars(C) if k[0] != '_')\n",
        },
        (T + "test_m",),
        most=1,
    ),
    Case(
        "module reloaded by a test",
        {
            "conf.py": "X = 1\n",
            "test_a.py": "import importlib\nimport conf\n\n\ndef test_r():\n"
            "    assert importlib.reload(conf).X == 1\n" + OTHER,
        },
        {"conf.py": "X = 2\n"},
        (T + "test_r",),
        most=1,
    ),
]
