# Everything sets up by itself what it needs; nothing is done twice.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: setup run test dev lint docs bench lock

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false

setup: $(READY)

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "Python 3.11, 3.12 or 3.13 is needed, $$($(PYTHON) -V) was found; name another: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) (once; again when the lock file changes) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(READY)

run: $(READY)
	@$(BIN)/liucun run $(if $(WAREHOUSE),--warehouse "$(WAREHOUSE)") $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

dev: $(READY)
	@$(BIN)/liucun dev $(if $(WAREHOUSE),--warehouse "$(WAREHOUSE)") $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint dbt_project --processes 2 --disable-progress-bar

docs: $(READY)
	@$(BIN)/python -m orchestration.site
	@$(BIN)/python -m docs.lifetime_pictures

bench: $(READY)
	@$(BIN)/python -m benchmarks $(if $(BENCH),--sizes "$(BENCH)") $(ARGS)

lock:
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --group samples --group dev -o requirements-dev.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements-dev.lock pyproject.toml -o requirements.lock
