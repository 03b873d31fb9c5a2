#!/bin/sh
# Print a Python of 3.12 or newer, 3.13 before others: from PATH, else from pyenv; nothing when uv must fetch its own.
fits() { "$1" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

for name in python3.13 python3.12 python3.14 python3 python; do
    found=$(command -v "$name" 2>/dev/null) || continue
    fits "$found" && { echo "$found"; exit 0; }
done

# pyenv's shims answer for one version only; its versions lie beside them.
shims=$(echo "$PATH" | tr ':' '\n' | grep '/shims$' | head -n 1)
for root in "${PYENV_ROOT:-}" "${shims%/shims}" "$HOME/.pyenv"; do
    [ -n "$root" ] || continue
    for found in "$root"/versions/3.13*/bin/python "$root"/versions/3.1[24]*/bin/python; do
        [ -x "$found" ] && fits "$found" && { echo "$found"; exit 0; }
    done
done
exit 0
