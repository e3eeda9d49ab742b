"""The package as `pip install` put it elsewhere: it is found there, and the first visit runs with it.

    cd /elsewhere && DOORSTEP_PROGRAM=… VENV/bin/python …/bindings/python/tests/installed.py
"""

import pathlib
import subprocess
import sys
import tempfile

import doorstep
from harness import Server, equal, say

EXAMPLE = pathlib.Path(__file__).resolve().parents[1] / "examples" / "first_visit.py"


def main():
    package = pathlib.Path(doorstep.__file__).resolve().parent
    equal(pathlib.Path(sys.prefix).resolve() in package.parents, True, f"whether {package} is the installed package")
    equal((package / "py.typed").exists(), True, "whether type checkers are told")
    with tempfile.TemporaryDirectory(prefix="doorstep-") as name:
        folder = pathlib.Path(name)
        server = Server(folder)
        try:
            command = [sys.executable, EXAMPLE, folder / "phone", server.invitation("w-ncg-1")]
            said = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=60)
        finally:
            server.stop()
    equal((said.returncode, said.stdout.split()[:2]), (0, ["done", "1"]), f"the first visit:\n{said.stderr}")
    say("the installed package recorded a visit and brought it to the server")


if __name__ == "__main__":
    main()
