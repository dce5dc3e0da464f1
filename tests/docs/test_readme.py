"""README.md, followed literally: from a clone of covgate, and from an empty directory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from offline_machine import TOP, Machine, of, section

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOP = """\
mkdir shop && cd shop && git init -q -b main
python3 -m venv .venv && .venv/bin/pip install pytest coverage
mkdir shop tests && touch shop/__init__.py
cat > shop/price.py <<'END'
def total(prices, coupon=None):
    \"\"\"Return what is to be paid.\"\"\"
    return sum(prices)
END
cat > tests/test_price.py <<'END'
from shop.price import total


def test_total():
    assert total([1, 2]) == 3
END
printf '[tool.coverage.run]\\nsource = ["shop"]\\n' > pyproject.toml
printf '.venv\\n__pycache__\\n' > .gitignore
git add -A && git commit -q -m "A shop"
"""
COUPON = """\
cat > shop/price.py <<'END'
def total(prices, coupon=None):
    \"\"\"Return what is to be paid.\"\"\"
    price = sum(prices)
    if coupon is not None:
        price -= price * coupon / 100
    return price
END
"""
TEST = """\
cat >> tests/test_price.py <<'END'


def test_coupon():
    assert total([50, 50], coupon=10) == 90
END
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> Machine:
    return Machine(tmp_path_factory.mktemp("readme"), clean_env, {})


def test_see_it_work_in_a_clone(machine: Machine) -> None:
    clone = machine.folder / "clone"
    (clone / "src").mkdir(parents=True)
    # What `pip install -e .` and `python -m tests` look for.
    (clone / "src" / "covgate").symlink_to(TOP / "src" / "covgate")
    show, everything = of(section("README.md", "See it work"), "console")
    done = machine.follow(show, clone)
    assert done.code == 0, done.said
    assert "covgate: blocked - 2 of 8 changed lines not covered" in done.said
    assert "covgate: passed - 2 tests ran" in done.said
    # The second one runs these tests: CI does, by the same words.
    assert everything.split("&&")[-1].split() == [".venv/bin/python", "-m", "tests"]
    assert ".venv/bin/python -m tests" in (TOP / ".ci" / "run").read_text()


def test_on_your_own_repository(machine: Machine) -> None:
    """The way in, to a commit that is blocked as the page shows it, and one that passes."""
    (machine.folder / "work").mkdir()
    serve_hook(machine)
    blocks = section("README.md", "On your own repository")
    install, set_up = of(blocks, "console")
    lines = [install, SHOP, set_up, "echo '<<blocked>>'", COUPON]
    lines += ["git add -A", "git commit -q -m Coupons && exit 1", "echo '<<passed>>'", TEST]
    lines += ["git add -A", "git commit -q -m Coupons", "git log --oneline", "git status --short"]
    done = machine.follow("\n".join(lines), machine.folder / "work")
    assert done.code == 0, done.said
    set_up_said, blocked, passed = re.split(r"<<\w+>>\n", done.said)
    (hook,) = of(blocks, "yaml")
    written = (machine.folder / "work/shop/.pre-commit-config.yaml").read_text()
    assert written.endswith(hook)
    assert "installed for pre-commit, pre-merge-commit" in set_up_said
    assert "covgate: all is fine" in set_up_said
    (shown,) = of(blocks, "")
    assert shown in blocked
    assert re.fullmatch(
        r"covgate\.+Passed\n\w+ Coupons\n\w+ Gate commits with covgate\n.*\n", passed
    )


def serve_hook(machine: Machine) -> None:
    """Let the hook's repository be one with covgate's hooks, which need no installation."""
    hook = machine.folder / "hook"
    hook.mkdir()
    text = (TOP / ".pre-commit-hooks.yaml").read_text()
    # pre-commit would install covgate from there; the one of pipx is the same.
    (hook / ".pre-commit-hooks.yaml").write_text(
        text.replace("language: python", "language: system")
    )
    url = "https://github.com/covgate/covgate"
    config = f'[url "{hook.as_uri()}"]\n    insteadOf = {url}\n'
    (machine.folder / "home" / ".gitconfig").write_text(config)
    machine.env["GIT_CONFIG_GLOBAL"] = str(machine.folder / "home" / ".gitconfig")
    script = "git init -q . && git add -A && git commit -q -m covgate && git tag v0.1.0"
    assert machine.follow(script, hook).code == 0
