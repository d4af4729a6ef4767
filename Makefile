# Everything runs in environments of its own; a fresh machine needs only make and Python >= 3.11.
#
#   make demo       install the package, show what it does and write a report of a fit
#   make test       the test suite (five minutes on two cores)
#   make lint types docs readme     the other checks of .ci/run
#   make test-browser   reports in a real browser (needs chromium; skipped without)
#   make test-cluster   fits on a dask cluster of processes, minutes
#   make simulate   coverage simulations, minutes
#   make study      the coverage study anew, and the data of its page (a quarter of an hour)
#   make benchmark  speed and memory against the peers, for the page of the docs; 25 minutes
#   make test-oldest   the suite on the oldest supported versions
#   make test-dist     build the wheel and the sdist, install and use each on every Python at hand
#   make clean      remove what these made

.DEFAULT_GOAL := help
VENV ?= .venv
OLDEST ?= .venv-oldest
BIN := $(VENV)/bin

# The first that really runs: a name on the PATH may be a dead shim or lack the venv module.
runs = $(shell for python in $(1); do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(not $(2))' >/dev/null 2>&1 \
	&& { command -v $$python; break; }; done)
PYTHON ?= $(call runs,python3 python3.14 python3.13 python3.12 python3.11 python,sys.hexversion >= 0x030B0000)
# The oldest numpy has no wheels beyond Python 3.12.
PYTHON_OLDEST ?= $(call runs,python3.11 python3.12 python3,0x030B0000 <= sys.hexversion < 0x030D0000)

PIP_FLAGS := -qq --disable-pip-version-check
ONE_THREAD := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1

.PHONY: help demo test test-browser test-cluster lint types docs readme simulate study benchmark test-oldest test-dist clean

help:
	@sed -n 's/^#   //p' Makefile

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "no working Python >= 3.11 with venv on the PATH; set PYTHON=" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# One stamp for each set of extras, renewed when the requirements change.
$(VENV)/.installed-%: $(VENV)/pyvenv.cfg pyproject.toml
	$(BIN)/python -m pip install $(PIP_FLAGS) --editable '.$(EXTRAS)'
	@touch $@
$(VENV)/.installed-plots: EXTRAS := [plots]
$(VENV)/.installed-test: EXTRAS := [test,interop]
$(VENV)/.installed-lint: EXTRAS := [lint]
$(VENV)/.installed-docs: EXTRAS := [docs]
$(VENV)/.installed-dist: EXTRAS := [test,lint,dist]
$(VENV)/.installed-bench: EXTRAS := [bench]

demo: $(VENV)/.installed-plots
	@$(BIN)/wlogit demo --report demo-report.html

test: $(VENV)/.installed-test
	$(ONE_THREAD) $(BIN)/python -m pytest

test-browser: $(VENV)/.installed-test
	$(BIN)/python -m pytest --numprocesses=0 -m browser

test-cluster: $(VENV)/.installed-test
	$(ONE_THREAD) $(BIN)/python -m pytest --numprocesses=0 -m cluster

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-lint
	$(BIN)/mypy --strict wlogit

docs: $(VENV)/.installed-docs
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html
	@echo "docs/_build/html/index.html"

readme: $(VENV)/.installed-test
	$(BIN)/python -m pytest --numprocesses=0 tests/contracts/test_documents.py -k README

simulate: $(VENV)/.installed-test
	$(ONE_THREAD) $(BIN)/python -m pytest -m slow

study: $(VENV)/.installed-test
	$(ONE_THREAD) $(BIN)/python -m tests.studies coverage

benchmark: $(VENV)/.installed-bench
	$(BIN)/python -m tests.benchmarks

$(OLDEST)/.installed: pyproject.toml
	@test -n "$(PYTHON_OLDEST)" || { echo "no working Python 3.11 or 3.12; set PYTHON_OLDEST=" >&2; exit 1; }
	$(PYTHON_OLDEST) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install $(PIP_FLAGS) --editable '.[test]' \
		'numpy==1.26.*' 'scipy==1.13.*' 'pandas==2.2.*' 'statsmodels==0.14.5' 'patsy==0.5.6' \
		'tabulate==0.9.*' 'pyarrow==15.*' 'dask==2024.5.*' 'distributed==2024.5.*'
	@touch $@

test-oldest: $(OLDEST)/.installed
	$(ONE_THREAD) $(OLDEST)/bin/python -m pytest -m 'not (slow or big or cluster or browser or dist)'

test-dist: $(VENV)/.installed-dist
	$(BIN)/python -m pytest --numprocesses=0 -m dist

clean:
	rm -rf .venv .venv-oldest build dist demo-report.html docs/_build docs/auto_examples docs/generated
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis docs/sg_execution_times.rst
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
