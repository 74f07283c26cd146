# Each target sets up what it needs, and again only when a lock has changed. Needs make and Python 3.11.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := run
.PHONY: run test slow chaos bench check locales lock

run: $(VENV)/run.stamp  ## everything, with a made-up commune, on port 8000
	DEMO=$${DEMO:-1} exec $(BIN)/khaibao run

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n 3 -m "not slow"

slow: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m slow

chaos: $(VENV)/dev.stamp  ## processes killed at random under load, ROUNDS times; SEED makes the same choices again
	$(BIN)/python -m tests.chaos

bench: $(VENV)/dev.stamp
	$(BIN)/python -m tests.benchmarks

check: $(VENV)/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# Puts new source texts into the catalogues; what is left to translate is named by `make test`.
locales: $(VENV)/dev.stamp
	$(BIN)/python -m babel.messages.frontend -q extract -F locales/babel.cfg -k N_ --add-location=file --no-wrap \
		--project=khaibao --version=0.1 --copyright-holder=KhaiBao --msgid-bugs-address= -o locales/khaibao.pot .
	$(BIN)/python -m babel.messages.frontend -q update -D khaibao -i locales/khaibao.pot -d locales \
		--no-fuzzy-matching --no-wrap --ignore-obsolete

# The locks hold every package that is installed, with its hashes; the index is the reader's own choice.
lock: $(VENV)/lock/bin/uv
	$< pip compile --quiet $(LOCK) --extra build --output-file requirements.lock pyproject.toml
	$< pip compile --quiet $(LOCK) --extra build --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml

LOCK := --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

$(VENV)/lock/bin/uv: | $(BIN)/python
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install --quiet uv

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock | $(BIN)/python
	$(INSTALL) --require-hashes --no-deps -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock requirements.lock | $(BIN)/python
	$(INSTALL) --require-hashes --no-deps -r requirements-dev.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(VENV)/run.stamp $@
