# Qualitrace (质溯). `make demo` and `make test` work on a fresh machine with Python >= 3.11 and make.
#
#   make demo       install into .venv, load the demonstration college, serve it on 127.0.0.1:8000
#   make test       install into .venv, run every test
#   make check      style, types, floors
#   make wheel      build the wheel, install it into an empty environment, run its self-check
#   make pictures   draw the README's pictures anew from the demonstration
#   make context    write exports/context.jsonld anew from the ontology and the shapes
#   make lock       resolve the pins in requirements/ anew
#   make clean      remove the environment and everything built

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# How many processes run the tests; each keeps to a folder (tests/scheduling.py).
WORKERS ?= logical

# The first interpreter that is new enough; `make PYTHON=… demo` names another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 || continue; \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: demo test check wheel pictures context guide lock clean

demo: $(VENV)/.installed
	$(BIN)/qualitrace demo

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --durations=60 --durations-min=2

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

wheel: $(VENV)/.installed-dev
	PYTHON=$(BIN)/python sh tools/check-wheel.sh

pictures: $(VENV)/.installed
	$(BIN)/python tools/draw_pictures.py

context: $(VENV)/.installed
	$(BIN)/python tools/write_context.py

guide: $(VENV)/.installed
	$(BIN)/python tools/write_guide.py

lock: $(VENV)/.installed-dev
	sh tools/lock.sh

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# ---------------------------------------------------------------- the environment

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed / 需要 Python 3.11 或更新版本" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml requirements/run.txt | $(VENV)/bin/python
	$(PIP) --requirement requirements/run.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements/dev.txt
	$(PIP) --requirement requirements/dev.txt
	@touch $@
