"""Changes of code that runs in other processes and threads."""

from impact_case import Case

T = "test_a.py::"
OTHER = "\n\n\ndef test_t():\n    assert True\n"
RUN = "import subprocess\nimport sys\n\n\n"
PROCESSES = [
    Case(
        "module run with python -m in a subprocess",
        {
            "app/__init__.py": "",
            "app/cli.py": "print('a')\n",
            "test_a.py": RUN + "def test_cli():\n"
            "    assert subprocess.check_output([sys.executable, '-m', 'app.cli']) == b'a\\n'\n"
            + OTHER,
        },
        {"app/cli.py": "print('b')\n"},
        (T + "test_cli",),
        most=1,
    ),
    Case(
        "module imported by a subprocess",
        {
            "core.py": "X = 'a'\n",
            "cli.py": "import core\n\nprint(core.X)\n",
            "test_a.py": RUN + "def test_cli():\n"
            "    assert subprocess.check_output([sys.executable, 'cli.py']) == b'a\\n'\n" + OTHER,
        },
        {"core.py": "X = 'b'\n"},
        (T + "test_cli",),
        most=1,
    ),
    Case(
        "data file read by a subprocess",
        {
            "data.txt": "a",
            "test_a.py": RUN + "def test_cli():\n    code = \"print(open('data.txt').read())\"\n"
            "    assert subprocess.check_output([sys.executable, '-c', code]) == b'a\\n'\n" + OTHER,
        },
        {"data.txt": "b"},
        (T + "test_cli",),
        most=1,
    ),
    Case(
        "shell script run in a subprocess",
        {
            "go.sh": "echo a\n",
            "test_a.py": RUN + "def test_sh():\n"
            "    assert subprocess.check_output(['sh', 'go.sh']) == b'a\\n'\n" + OTHER,
        },
        {"go.sh": "echo b\n"},
        (T + "test_sh",),
        most=1,
    ),
    Case(
        "file read by a shell script",
        {
            "go.sh": "cat data.txt\n",
            "data.txt": "a\n",
            "test_a.py": RUN + "def test_sh():\n"
            "    assert subprocess.check_output(['sh', 'go.sh']) == b'a\\n'\n" + OTHER,
        },
        {"data.txt": "b\n"},
        (T + "test_sh",),
        most=1,
    ),
    Case(
        "command line given to a shell",
        {
            "cli.py": "print('a')\n",
            "test_a.py": RUN + "def test_sh():\n    command = f'{sys.executable} cli.py'\n"
            "    assert subprocess.check_output(command, shell=True) == b'a\\n'\n" + OTHER,
        },
        {"cli.py": "print('b')\n"},
        (T + "test_sh",),
        most=1,
    ),
    Case(
        "os.system",
        {
            "cli.py": "import sys\n\nsys.exit(0)\n",
            "test_a.py": "import os\nimport sys\n\n\ndef test_os():\n"
            "    assert os.system(f'{sys.executable} cli.py') == 0\n" + OTHER,
        },
        {"cli.py": "import sys\n\nsys.exit(1)\n"},
        (T + "test_os",),
        most=1,
    ),
    Case(
        "child with an environment of its own",
        {
            "cli.py": "import core\n\nprint(core.X)\n",
            "core.py": "X = 'a'\n",
            "test_a.py": RUN + "def test_cli():\n"
            "    assert subprocess.check_output([sys.executable, 'cli.py'], env={}) == b'a\\n'\n"
            + OTHER,
        },
        {"core.py": "X = 'b'\n"},
        (T + "test_cli",),
        most=1,
    ),
    Case(
        "isolated child",
        {
            "cli.py": "import sys\n\nsys.path.insert(0, '.')\nimport core\n\nprint(core.X)\n",
            "core.py": "X = 'a'\n",
            "test_a.py": RUN + "def test_cli():\n"
            "    assert subprocess.check_output([sys.executable, '-I', 'cli.py']) == b'a\\n'\n"
            + OTHER,
        },
        {"core.py": "X = 'b'\n"},
        (T + "test_cli",),
        most=1,
    ),
    Case(
        "worker thread started by test one, reused by test two",
        {
            "app.py": "import queue\nimport threading\n\njobs, done = queue.Queue(), queue.Queue()\n\n\n"
            "def work():\n    return 1\n\n\ndef loop():\n    while True:\n        jobs.get()\n"
            "        done.put(work())\n\n\nthread = None\n\n\ndef ask():\n    global thread\n"
            "    if thread is None:\n        thread = threading.Thread(target=loop, daemon=True)\n"
            "        thread.start()\n    jobs.put(1)\n    return done.get(timeout=5)\n",
            "test_a.py": "import app\n\n\ndef test_one():\n    assert app.ask() == 1\n\n\n"
            "def test_two():\n    assert app.ask() == 1\n" + OTHER,
        },
        {
            "app.py": "import queue\nimport threading\n\njobs, done = queue.Queue(), queue.Queue()\n\n\n"
            "def work():\n    return 2\n\n\ndef loop():\n    while True:\n        jobs.get()\n"
            "        done.put(work())\n\n\nthread = None\n\n\ndef ask():\n    global thread\n"
            "    if thread is None:\n        thread = threading.Thread(target=loop, daemon=True)\n"
            "        thread.start()\n    jobs.put(1)\n    return done.get(timeout=5)\n",
        },
        (T + "test_one", T + "test_two"),
        most=3,
    ),
    Case(
        "loop of a worker thread, entered during test one",
        {
            "app.py": "import queue\nimport threading\n\njobs, done = queue.Queue(), queue.Queue()\n\n\n"
            "def loop():\n    while True:\n        jobs.get()\n        done.put(1)\n\n\n"
            "thread = threading.Thread(target=loop, daemon=True)\n\n\ndef ask():\n"
            "    if not thread.is_alive():\n        thread.start()\n    jobs.put(1)\n"
            "    return done.get(timeout=5)\n",
            "test_a.py": "import app\n\n\ndef test_one():\n    assert app.ask() == 1\n\n\n"
            "def test_two():\n    assert app.ask() == 1\n" + OTHER,
        },
        {
            "app.py": "import queue\nimport threading\n\njobs, done = queue.Queue(), queue.Queue()\n\n\n"
            "def loop():\n    while True:\n        jobs.get()\n        done.put(2)\n\n\n"
            "thread = threading.Thread(target=loop, daemon=True)\n\n\ndef ask():\n"
            "    if not thread.is_alive():\n        thread.start()\n    jobs.put(1)\n"
            "    return done.get(timeout=5)\n",
        },
        (T + "test_one", T + "test_two"),
        most=3,
    ),
    Case(
        "thread pool",
        {
            "app.py": "from concurrent.futures import ThreadPoolExecutor\n\n\ndef work(x):\n    return x + 1\n\n\n"
            "def go():\n    with ThreadPoolExecutor(2) as pool:\n        return list(pool.map(work, [1, 2]))\n",
            "test_a.py": "import app\n\n\ndef test_go():\n    assert app.go() == [2, 3]\n" + OTHER,
        },
        {
            "app.py": "from concurrent.futures import ThreadPoolExecutor\n\n\ndef work(x):\n    return x\n\n\n"
            "def go():\n    with ThreadPoolExecutor(2) as pool:\n        return list(pool.map(work, [1, 2]))\n",
        },
        (T + "test_go",),
        most=1,
    ),
    *(
        Case(
            f"process pool ({method})",
            {
                "app.py": "import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor\n"
                "from work import work\n\n\n"
                f"def go():\n    context = multiprocessing.get_context('{method}')\n"
                "    with ProcessPoolExecutor(1, mp_context=context) as pool:\n"
                "        return list(pool.map(work, [1, 2]))\n",
                "work.py": "def work(x):\n    return x + 1\n\n\ndef unused():\n    return 1\n",
                "test_a.py": "import app\n\n\ndef test_go():\n    assert app.go() == [2, 3]\n"
                + OTHER,
            },
            {"work.py": "def work(x):\n    return x\n\n\ndef unused():\n    return 1\n"},
            (T + "test_go",),
            most=1,
        )
        for method in ("fork", "spawn")
    ),
    Case(
        "pool kept by a session fixture",
        {
            "app.py": "def work(x):\n    return x + 1\n",
            "test_a.py": "import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor\n\n"
            "import pytest\nfrom app import work\n\n\n@pytest.fixture(scope='session')\ndef pool():\n"
            "    context = multiprocessing.get_context('fork')\n"
            "    with ProcessPoolExecutor(1, mp_context=context) as pool:\n        yield pool\n\n\n"
            "def test_one(pool):\n    assert list(pool.map(work, [1])) == [2]\n\n\n"
            "def test_two(pool):\n    assert list(pool.map(work, [2])) == [3]\n",
        },
        {"app.py": "def work(x):\n    return x + 2\n"},
        (T + "test_one", T + "test_two"),
    ),
]
