"""`python -m covgate` is the `covgate` command."""

from covgate.cli import run

if __name__ == "__main__":
    run()
