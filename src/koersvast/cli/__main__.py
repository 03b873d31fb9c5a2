"""`python -m koersvast.cli`: the same as the command `koersvast`."""

from koersvast.cli.main import run

if __name__ == "__main__":
    run()
