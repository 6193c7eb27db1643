# Everything here sets itself up: Python 3.11+, make and a package index are enough.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo notebook test test-servers test-slow lint check bench train wheel clean lock

demo: $(STAMP)          ## the whole way of a post, on an invented town: digests, an alert, a store to look into
	$(BIN)/listener demo

notebook: demo          ## docs/ten-questions.ipynb with the answers of today's demo
	$(BIN)/python .ci/notebook.py listener-demo/listener.db --write

test: $(STAMP)          ## every test that a fresh machine can run
	$(BIN)/python -m pytest

test-servers: $(STAMP)  ## against real servers: WordPress, public-inbox, … (skipped where not installed)
	$(BIN)/python -m pytest -m servers -rs

test-slow: $(STAMP)     ## the long ones: 200 kills
	$(BIN)/python -m pytest -m slow

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test        ## what CI runs

bench: $(STAMP) $(VENV)/.bench
	$(BIN)/python -m bench

wheel: $(STAMP)
	$(BIN)/python -m build --wheel

# pip older than 25.1 knows no dependency groups, and Python 3.11 brings an older one.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev --editable .
	touch $@

$(VENV)/.bench: pyproject.toml constraints.txt $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group bench
	touch $@

# The weights that the wheel ships. DATA: a folder with the open sets that may be learnt from (data/corpus/DATASHEET.md).
train: $(STAMP) $(VENV)/.train  ## the heads of feeling and topics, from data/corpus
	$(BIN)/python -m bench.train.vectors
	$(BIN)/python -m bench.train.topics
	$(BIN)/python -m bench.train.feeling $(if $(DATA),--data $(DATA))

$(VENV)/.train: pyproject.toml constraints.txt $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group train
	touch $@

lock: $(STAMP) $(VENV)/.bench  ## write constraints.txt anew from what is installed now
	$(BIN)/python -m pip freeze --exclude-editable --exclude listener-brand > constraints.txt

clean:
	rm -rf $(VENV) dist build listener-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
