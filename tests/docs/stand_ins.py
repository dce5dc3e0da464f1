"""Stand-ins for tools that make environments: where they put them, and what they start in them.

Outside of covgate's sight a tool resolves and downloads; here the environment is a link to one that
is there. `COVGATE_REAL_TOOLS=1` runs the same tests with the tools on PATH: so seen with uv 0.13, Hatch
1.18, tox and nox. Poetry 2.5 was tried by hand, of PDM what `.venv` and `.pdm-python` hold; conda is
after its documentation.
"""

from __future__ import annotations

# `{lean}` is an environment with pytest and coverage; what is not expected ends with an error.
_REFUSE = 'echo "not expected: $0 $*" >&2; exit 64'
UV = """\
#!/bin/sh
case "$*" in
"add --dev pytest coverage")
    ln -s {lean} .venv
    printf '\\n[dependency-groups]\\ndev = ["coverage", "pytest"]\\n' >> pyproject.toml
    touch uv.lock;;
"run --no-sync python "*) shift 3; exec .venv/bin/python "$@";;
*) {refuse};;
esac
"""
POETRY = """\
#!/bin/sh
place="$HOME/.cache/pypoetry/virtualenvs/shop-py3"
case "$*" in
"add --group dev pytest coverage")
    mkdir -p "$(dirname "$place")" && ln -s {lean} "$place"
    printf '\\n[dependency-groups]\\ndev = ["pytest (>=9)", "coverage (>=7)"]\\n' >> pyproject.toml
    touch poetry.lock;;
"env info -e") echo "$place/bin/python";;
"run python "*) shift 2; exec "$place/bin/python" "$@";;
*) {refuse};;
esac
"""
# It makes its environment when something is run in it.
HATCH = """\
#!/bin/sh
place="$HOME/.local/share/hatch/env/virtual/shop/x/shop"
case "$*" in
"run python "*)
    grep -q 'dependencies = \\["pytest", "coverage"\\]' pyproject.toml || exit 1
    [ -e "$place" ] || {{ mkdir -p "$(dirname "$place")" && ln -s {lean} "$place"; }}
    shift 2; exec "$place/bin/python" "$@";;
*) {refuse};;
esac
"""
PDM = """\
#!/bin/sh
case "$*" in
"add -dG test pytest coverage")
    ln -s {lean} .venv
    printf %s "$PWD/.venv/bin/python" > .pdm-python
    printf '\\n[dependency-groups]\\ntest = ["pytest>=9", "coverage>=7"]\\n' >> pyproject.toml
    touch pdm.lock;;
"run python "*) shift 2; exec "$(cat .pdm-python)" "$@";;
*) {refuse};;
esac
"""
# No pyvenv.cfg: an environment of conda is an installation of its own. `conda activate` is a
# function of the shell.
CONDA = """\
#!/bin/sh
place="$HOME/conda/envs/shop"
case "$*" in
"create -y -n shop python pytest coverage")
    mkdir -p "$place/bin" "$place/conda-meta"
    ln -s {lean}/lib "$place/lib"
    printf '#!/bin/sh\\nexec {lean}/bin/python "$@"\\n' > "$place/bin/python"
    chmod +x "$place/bin/python";;
"run -n shop python "*) shift 4; exec "$place/bin/python" "$@";;
*) {refuse};;
esac
"""
CONDA_ACTIVATE = """\
conda() {
    if [ "$1" = activate ]; then
        export CONDA_PREFIX="$HOME/conda/envs/$2" CONDA_DEFAULT_ENV="$2"
        export PATH="$CONDA_PREFIX/bin:$PATH"
    else
        command conda "$@"
    fi
}
"""
_TOX = """\
import configparser, os, shlex, subprocess, sys
ini = configparser.ConfigParser(interpolation=None)
ini.read("tox.ini")
name = sys.argv[2] if sys.argv[1:2] == ["-e"] else ini["tox"]["env_list"]
place = os.path.join(os.getcwd(), ".tox", name)
if not os.path.exists(place):
    os.makedirs(os.path.dirname(place), exist_ok=True)
    os.symlink({lean!r}, place)
wanted = ini["testenv:" + name if "testenv:" + name in ini else "testenv"]
assert set(wanted["deps"].split()) <= {{"pytest", "coverage", "covgate"}}
command = wanted["commands"].replace("{{envpython}}", place + "/bin/python")
words = shlex.split(command)
if words == ["pytest"]:
    words = [place + "/bin/python", "-m", "pytest"]
sys.exit(subprocess.call(words))
"""
_NOX = """\
import os, subprocess, sys, types
sessions = {{}}
module = sys.modules["nox"] = types.ModuleType("nox")
module.session = lambda function: sessions.setdefault(function.__name__, function)

class Session:
    def __init__(self, name):
        self.place = os.path.join(os.getcwd(), ".nox", name)
        self.bin = self.place + "/bin"
        os.makedirs(os.path.dirname(self.place), exist_ok=True)
        os.symlink({lean!r}, self.place)

    def install(self, *words):
        assert set(words) <= {{"-e", ".", "pytest", "coverage", "covgate"}}

    def run(self, program, *words):
        start = [self.bin + "/python", "-m"] if program == "pytest" else []
        subprocess.run([*start, program, *words], check=True)

exec(compile(open("noxfile.py").read(), "noxfile.py", "exec"))
assert sys.argv[1] == "-s"
sessions[sys.argv[2]](Session(sys.argv[2]))
"""


def stand_ins(lean: str, python: str) -> dict[str, str]:
    """Return the programs by name; `lean` is the environment that they give, `python` runs them."""
    shells = {"uv": UV, "poetry": POETRY, "hatch": HATCH, "pdm": PDM, "conda": CONDA}
    programs = {"tox": _TOX, "nox": _NOX}
    return {
        **{name: text.format(lean=lean, refuse=_REFUSE) for name, text in shells.items()},
        **{name: f"#!{python}\n{text.format(lean=lean)}" for name, text in programs.items()},
    }
