# Two commands to know: `make demo` shows what the program does, `make test` proves it. Both install first if needed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Twice quiet leaves errors only. pip 25.3 and later read the build constraints, earlier ones apply PIP_CONSTRAINT to builds too.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CONSTRAINT=constraints.txt

.PHONY: help install demo test check bench soak clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv with the program and all tools, at the versions of constraints.txt

# Everything pinned comes first, the build backend included; the checkout is then installed without build isolation. So a
# repeat with the same pins asks no package index.
$(STAMP): pyproject.toml constraints.txt
	@if ! [ -x $(BIN)/python ] || ! $(BIN)/python -m pip --version > /dev/null 2>&1; then \
		python=; \
		for candidate in python3.11 python3.12 python3; do \
			if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2> /dev/null; then \
				python=$$candidate; break; \
			fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "make install: found no Python 3.11 or 3.12 (tried python3.11, python3.12, python3); install one of them" >&2; \
			exit 3; \
		fi; \
		echo "Making $(VENV) with $$($$python --version)"; \
		"$$python" -m venv --clear $(VENV); \
	fi
	@echo "Installing the program and its tools into $(VENV) (a few minutes the first time)"
	@$(PIP) PIP_BUILD_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --quiet --requirement constraints.txt
	@$(PIP) $(BIN)/python -m pip install --quiet --quiet --no-build-isolation --editable '.[dev]'
	@touch $@

demo: $(STAMP) ## the whole program on a sample plant; leaves what it makes in build/demo/
	@rm -rf build/demo
	@mkdir -p build/demo
	$(BIN)/pcf demo --home build/demo/home

test: $(STAMP) ## all tests
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(STAMP) ## style, types, arrows between the rooms, and the shipped data
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pcf data check

bench: $(STAMP) ## measure beside other calculators (takes a while)
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/variants.py
	$(BIN)/python benchmarks/custody.py
	$(BIN)/python benchmarks/pact_service.py
	$(BIN)/python benchmarks/workbench.py
	$(BIN)/python benchmarks/explore.py

soak: $(STAMP) ## kill imports and issues at a thousand random points (an hour)
	PCF_SOAK=1000 $(BIN)/python -m pytest -s tests/custody/test_faults.py -k kill

clean: ## remove what the other targets made, .venv included
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
