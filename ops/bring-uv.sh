#!/bin/sh
# Bring uv with whatever Python is here, into a folder of the project; nothing of the machine is touched.
set -eu
python3 -m venv .tools 2>/dev/null || {
    echo "Python kan geen omgeving maken. Installeer python3-venv (Debian, Ubuntu) of uv zelf." >&2
    exit 1
}
.tools/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"
