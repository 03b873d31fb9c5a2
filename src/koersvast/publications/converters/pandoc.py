"""Child: becomes pandoc, which reads its own document tree as JSON and writes DOCX or ODT.

Request: one line with the wanted format, then the tree. `--sandbox` keeps pandoc from files and network.
"""

import os
import sys
import tempfile

import pypandoc

from koersvast.publications.converters import limit

if __name__ == "__main__":
    limit()
    wanted, tree = sys.stdin.buffer.read().split(b"\n", 1)
    with tempfile.TemporaryFile() as kept:
        kept.write(tree)
        kept.seek(0)
        os.dup2(kept.fileno(), 0)
    program = pypandoc.get_pandoc_path()
    words = ["pandoc", "+RTS", "-M1G", "-RTS", "--sandbox", "-f", "json", "-t", wanted.decode(), "-o", "-"]
    os.execve(program, words, {"LANG": "C.UTF-8"})  # noqa: S606 - the format comes from our writers
