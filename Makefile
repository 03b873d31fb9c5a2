# Koersvast: the commands of a working day. `make demo` and `make test` are the two of the README.

.PHONY: demo serve test check setup setup-dev browser translations clean
.DEFAULT_GOAL := demo

# A uv that runs (a shim of another tool may not), else one of our own.
UV ?= $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .tools/bin/uv)
# An explicit UV_PYTHON, else a python >= 3.12 on PATH, else pyenv's newest, else uv fetches its own.
PYTHON_FOUND := $(shell sh ops/find-python.sh)
ifdef UV_PYTHON
export UV_PYTHON
else
export UV_PYTHON := $(or $(PYTHON_FOUND),3.13)
endif
export UV_NO_PROGRESS ?= 1
RUN = $(UV) run --no-sync

demo: setup ## install what is locked, load the Dalfsen demo, open it in the browser
	KOERSVAST_HOME=$(CURDIR)/.demo $(RUN) koersvast demo

test: setup-dev browser ## install what the tests need and run them all, on SQLite and on PostgreSQL
	sh ops/run-tests.sh $(UV)

check: setup-dev ## the fast inner loop: format, lint, types, floors, house and method tests
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) pytest tests/house tests/spec -q

setup: .venv/.set-up ## Python packages and the front end, from the lock files
setup-dev: .venv/.set-up-dev

.venv/.set-up: uv.lock pyproject.toml package-lock.json $(wildcard frontend/*) $(wildcard frontend/*/*) | uv
	$(UV) sync --locked
	sh ops/build-frontend.sh
	$(MAKE) translations
	touch $@

.venv/.set-up-dev: .venv/.set-up
	$(UV) sync --locked --all-groups --all-extras
	touch $@

translations: ## compile the Dutch catalogues
	$(RUN) python ops/compile_translations.py

browser: ## Debian's or Ubuntu's Chromium and PostgreSQL, where they are absent and we may install them
	sh ops/install-test-services.sh

.PHONY: uv
uv:
	@$(UV) --version >/dev/null 2>&1 || sh ops/bring-uv.sh

clean:
	rm -rf .venv node_modules .demo .cache src/koersvast/web/static/built
