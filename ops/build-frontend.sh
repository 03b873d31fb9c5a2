#!/bin/sh
# Install the locked front-end packages and build them, with the Node that the Python lock file brings.
# What was only needed for building goes afterwards: `make setup` brings it back when a source changes.
set -eu
PATH="$PWD/.venv/bin:$PATH"
export PATH
npm ci --silent --no-audit --no-fund
npm run --silent build
rm -rf node_modules
