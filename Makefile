# Works on a machine with Python 3.11 or newer (with venv) and make; uv is used if present, else brought into .venv.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)

# Deprecated by newer libraries of libraries, which the oldest meet.
OLD := -W ignore::DeprecationWarning -W ignore::PendingDeprecationWarning

.PHONY: help setup review test oldest newest lab check docs audit hooks clean

help:
	@echo "make review   set up and write the review of the sample: review/*.pptx, *.xlsx, *.html"
	@echo "make test     set up and run the tests"
	@echo "make oldest   the tests with the oldest libraries that pyproject.toml allows; make newest: with the newest"
	@echo "make lab      set up and open the notebooks in JupyterLab"
	@echo "make check    formatter, linter and type checker"
	@echo "make hooks    refuse commits of outputs, exports and secrets"
	@echo "make docs     the documentation as a site that needs no network: site/index.html"
	@echo "make audit    known holes in the locked dependencies (asks the network)"
	@echo "make clean    remove what the above made"
	@echo
	@echo "Your own exports:  $(BIN)/funnel-analytics review YOUR_FOLDER -o review"

setup: $(READY)

$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed. Install it, or name it: make PYTHON=python3.12 review"; exit 1; }
	@if [ ! -x "$(UV)" ]; then \
		echo "Setting up: creating $(VENV) …"; \
		$(PYTHON) -m venv $(VENV) || \
			{ echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }; \
		echo "Setting up: installing uv into $(VENV) …"; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"; \
	fi
	@echo "Setting up: installing the locked dependencies (half a minute to some minutes, once) …"
	@$(UV) sync --frozen --quiet --python $(PYTHON)
	@touch $(READY)

review: $(READY)
	@$(BIN)/funnel-analytics review data/sample -o review --force

test: $(READY)
	@if command -v java >/dev/null; then $(UV) sync --frozen --quiet --group spark; fi
	@$(BIN)/pytest -n $$($(BIN)/python -c 'import os; print(min((os.cpu_count() or 1) + 1, 5))') --dist loadfile --no-loadscope-reorder

oldest newest: $(READY)
	@rm -rf .venv-$@ && $(UV) venv --quiet --python $(PYTHON) .venv-$@
	@$(UV) pip install --quiet --python .venv-$@ --resolution $(if $(filter oldest,$@),lowest-direct,highest) -e . --group dev
	@.venv-$@/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder $(if $(filter oldest,$@),$(OLD))

lab: $(READY)
	@$(BIN)/funnel-analytics lab notebooks

check: $(READY)
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

hooks:
	@git config core.hooksPath .ci/hooks

docs: $(READY)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict && echo "Open site/index.html"

audit: $(READY)
	@$(UV) audit --frozen

clean:
	rm -rf $(VENV) .venv-oldest .venv-newest review site .pytest_cache .mypy_cache .ruff_cache .hypothesis
