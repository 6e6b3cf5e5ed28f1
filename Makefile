# Volley: everything a person runs. `make` or `make help` lists it.
# Each target sets up what it needs by itself; the work is done by Python programs (tools/).

PYTHON ?= python3
VENV := .venv/bin
STACK := $(VENV)/python -m volley_tools.stack
PACKAGES := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml tools/pyproject.toml)
SOURCES := $(wildcard libs/*/src services/*/src tools/src)

.DEFAULT_GOAL := help
.PHONY: help setup up down status logs demo test bench chaos test-unit lint types check reference lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.stamp ## Install everything into .venv and .volley (others do it when needed)

.venv/.stamp: requirements/uv.txt requirements/dev.txt requirements/binaries.txt $(PACKAGES) tools/bootstrap.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Volley needs Python 3.11 or later as $(PYTHON): apt-get install python3 python3-venv, or make PYTHON=..."; exit 1; }
	@$(PYTHON) tools/bootstrap.py

up: setup ## Start the platform: with Docker if it runs, else as plain processes (SIMULATOR=1 adds a provider)
	@$(STACK) up $(if $(SIMULATOR),--simulator)

down: setup ## Stop the platform
	@$(STACK) down

status: setup ## List the platform's processes and addresses
	@$(STACK) status

logs: setup ## Follow the logs (NAME=dispatch for one service)
	@$(STACK) logs -f $(NAME)

demo: setup ## Carry a campaign through the platform, before your eyes (KEEP=1 leaves it running)
	@$(VENV)/python -m volley_tools.demo $(if $(KEEP),--keep)

test: setup ## Run all tests: unit, integration, end to end
	@$(VENV)/python -m pytest

bench: setup ## Measure, each figure beside a yardstick of the same run (NAME="redirect ..." for some)
	@$(VENV)/python -m bench $(NAME)

chaos: setup ## Break things under campaigns, SEEDS times from FIRST_SEED on, and judge by the provider's ledger
	@$(VENV)/python -m volley_tools.chaos --seeds $(or $(SEEDS),10) --first-seed $(or $(FIRST_SEED),1) \
	  --recipients $(or $(RECIPIENTS),50000) --synchronous-commit $(or $(SYNCHRONOUS_COMMIT),on) $(if $(SHOW),--show)

test-unit: setup ## Run the unit tests alone (seconds, no servers)
	@$(VENV)/python -m pytest $(wildcard libs/*/tests/unit services/*/tests/unit tools/tests/unit)

lint: setup ## Style, format and the direction of imports
	@$(VENV)/ruff check
	@$(VENV)/ruff format --check
	@$(VENV)/lint-imports

types: setup ## Check the types (mypy, strict)
	@$(VENV)/mypy $(SOURCES) bench

check: lint types ## All checks that need no servers

reference: setup ## Write the generated pages of docs/ anew
	@$(VENV)/python -m volley_tools.reference

lock: setup ## Lock the Python dependencies anew (UPGRADE=1 to newer versions)
	@$(VENV)/python -m volley_tools.lock $(if $(UPGRADE),--upgrade)

clean: ## Stop what `make up` started and remove .venv and .volley
	@if [ -x $(VENV)/python ]; then $(STACK) clean; fi
	@rm -rf .venv .volley
