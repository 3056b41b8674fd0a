# Everything a contributor runs; `make` alone lists it. Needs make and Python 3.11 or newer, nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PYTEST := $(BIN)/python -m pytest
UV := uv==0.13.9
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: venv
venv: $(DEV) ## make .venv from the locked requirements, again when a lock has changed

$(RUNTIME): requirements/build.txt requirements/runtime.txt
	@scripts/make-venv.sh $(VENV) requirements/build.txt requirements/runtime.txt
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.txt
	@echo "Installing the development tools ..."
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: demo
demo: $(RUNTIME) ## gate the example agent before and after a change: offline, no key
	@$(BIN)/rubric-action demo

.PHONY: test
test: $(DEV) ## run the tests, with branch coverage
	@$(PYTEST) --numprocesses auto --cov --cov-report term

.PHONY: golden
golden: $(DEV) ## write the golden files anew; look at the difference before you commit it
	@$(PYTEST) --quiet --update-golden
	@git status --short -- tests

.PHONY: lint
lint: $(DEV) ## run every linter; none needs the network
	@scripts/lint.sh $(BIN)

.PHONY: format
format: $(DEV) ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

.PHONY: image
image: ## build the action's image with docker or podman
	@scripts/image.sh build

.PHONY: image-test
image-test: $(DEV) ## build the image and run it as GitHub's runner does
	@scripts/image.sh test

.PHONY: lock
lock: ## lock the newest allowed requirements, with hashes
	@scripts/lock.sh $(UV)

.PHONY: clean
clean: ## remove everything that git does not know, .venv included
	@rm -rf $(VENV) .cache .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
