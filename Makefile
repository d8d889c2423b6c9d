# The entry points of the project; `make` lists them. GNU make 3.81 (macOS) or newer.

PYTHON      ?= python3
# The Kedro environment of `run`, `viz` and `site`: sample (embedded data), or local (MNIST and BSDS500).
KEDRO_ENV   ?= sample
# Of `viz`, on this machine, in place of kedro-viz's usual one.
VIZ_PORT    ?=
PYTEST_ARGS ?=
BENCH_ARGS  ?=
RESULTS     ?=

BIN   := .venv/bin
STAMP := .venv/.installed

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# HOME="" would send every tool's cache to /; without HOME they ask the password database.
ifeq ($(strip $(HOME)),)
unexport HOME
endif

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test test-gpu bench lint format viz site screenshots tables docs dist hooks lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@echo 'Variables: PYTHON=$(PYTHON) KEDRO_ENV=$(KEDRO_ENV) VIZ_PORT=$(VIZ_PORT) PYTEST_ARGS=$(PYTEST_ARGS)'

setup: $(STAMP) ## Create .venv with the locked dependencies (again only when they changed)

run: $(STAMP) ## Train and compare DANN on the embedded sample, then print the scores
	$(BIN)/kedro run --pipelines=dann --env=$(KEDRO_ENV)

test: $(STAMP) ## Run the tests
	$(BIN)/pytest -n auto --maxprocesses=4 --dist=worksteal $(PYTEST_ARGS)

test-gpu: $(STAMP) ## Run the tests of a CUDA device; they are skipped without one
	$(BIN)/pytest tests/gpu $(PYTEST_ARGS)

bench: $(STAMP) ## Measure how fast everything is, side by side with what one would pick instead
	$(BIN)/python -m speed $(BENCH_ARGS)

lint: $(STAMP) ## Check style, types, imports between packages, and the English
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m english

format: $(STAMP) ## Rewrite the Python files in the house style
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

viz: $(STAMP) ## Open the pipelines and their latest artifacts in a browser
	$(BIN)/python -m mnistm_da.viz.serve --env=$(KEDRO_ENV) $(if $(VIZ_PORT),--port=$(VIZ_PORT))

site: $(STAMP) ## Build the same as a static site in build/, with nothing of this machine in it
	$(BIN)/python -m mnistm_da.viz.site --env=$(KEDRO_ENV)

screenshots: $(STAMP) ## Make the pictures of report and graph in docs/ anew, in a real browser
	$(BIN)/kedro run --pipelines=dann --env=$(KEDRO_ENV) --only-stale
	$(BIN)/kedro run --pipelines=report --env=$(KEDRO_ENV)
	$(BIN)/python -m website.screenshots --env=$(KEDRO_ENV)

tables: $(STAMP) ## Take the benchmark's results in the folder RESULTS into the documentation, and write its tables anew
	$(BIN)/python -W ignore -m website.tables $(RESULTS)

docs: $(STAMP) ## Build the documentation in build/docs, check its links, and look at it in a browser if there is one
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	BUILT_DOCS=build/docs $(BIN)/pytest -q tests/browser/test_docs.py
	@echo 'Open build/docs/index.html.'

dist: $(STAMP) ## Build wheel and source archive in dist/ and check them; .ci/try_wheel uses the wheel
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/twine check --strict dist/*

hooks: $(STAMP) ## Let git run the lint checks before each commit
	$(BIN)/pre-commit install

lock: ## Remake requirements.lock from pyproject.toml (UPGRADE=1: newest versions)
	@$(check_python)
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT INT TERM && \
	$(PYTHON) -m venv "$$tmp" && \
	"$$tmp/bin/python" -m pip install --quiet 'uv>=0.9,<1' && \
	"$$tmp/bin/uv" pip compile pyproject.toml --extra dev --constraints requirements.constraints \
		--python "$$tmp/bin/python" --no-python-downloads --no-cache --quiet \
		--universal --python-version 3.11 --fork-strategy fewest $(if $(UPGRADE),--upgrade) \
		--generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' --output-file requirements.lock
	@echo 'requirements.lock is up to date; `make setup` installs it.'

clean: ## Remove .venv, caches and build files (never data/)
	rm -rf .venv .ruff_cache .mypy_cache .pytest_cache .import_linter_cache .coverage build dist src/*.egg-info
	find src tests speed website english -type d -name __pycache__ -prune -exec rm -rf {} +

# The stamp is written last, so an install that broke off is taken up again. A .venv without a working pip
# or with too old a Python is replaced.
$(STAMP): requirements.lock pyproject.toml
	@$(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ $(check_python) && echo 'Creating .venv' && $(PYTHON) -m venv --clear .venv; }
	@rm -f $@
	$(BIN)/python -m pip install --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --no-deps --no-build-isolation -e .
	@touch $@

check_python = { $(PYTHON) --version >/dev/null 2>&1 || \
	{ echo 'There is no working "$(PYTHON)": install Python 3.11 or newer, or name one (make setup PYTHON=python3.12).' >&2; exit 1; }; } && \
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v >= (3, 11) or sys.exit("Python 3.11 or newer is needed, but $(PYTHON) is %d.%d: name a newer one (make setup PYTHON=python3.12)." % v)'
