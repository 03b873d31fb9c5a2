#!/bin/sh
# Bring uv with whatever Python is here, into a folder of the project; nothing of the machine is touched.
set -eu
for python in "${UV_PYTHON:-}" python3 /usr/bin/python3 python; do
    [ -n "$python" ] || continue
    "$python" -m venv .tools >/dev/null 2>&1 || continue
    .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9" && exit 0
done
echo "Geen Python gevonden die een omgeving kan maken. Installeer python3-venv (Debian, Ubuntu) of uv zelf." >&2
exit 1
