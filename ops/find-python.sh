#!/bin/sh
# Print a Python of 3.12 or newer: from PATH, else from pyenv; nothing when uv must fetch its own.
for candidate in python3.13 python3.14 python3.12 python3 python; do
    found=$(command -v "$candidate" 2>/dev/null) || continue
    "$found" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && { echo "$found"; exit 0; }
done
for candidate in "$HOME"/.pyenv/versions/3.13*/bin/python "$HOME"/.pyenv/versions/3.1[24]*/bin/python; do
    [ -x "$candidate" ] && { echo "$candidate"; exit 0; }
done
exit 0
