# `make run` serves, `make test` proves. Everything else is listed by `make help`.
HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin/python

.PHONY: run test check bench fmt help
.DEFAULT_GOAL := help

run: ## install what changed, build, migrate, serve on HOST:PORT (TLS=1: on TLS_PORT, too)
	@$(PYTHON) scripts/install.py
	@exec $(RUN) manage.py serve --prepare --host $(HOST) --port $(PORT)

test: ## check, then every test suite (installs what they need)
	@$(PYTHON) scripts/install.py dev
	@$(RUN) -m scripts.run_tests

check: ## format, lint, types, layer law, migrations, schema
	@$(PYTHON) scripts/install.py dev
	@$(RUN) -m scripts.run_checks

bench: ## measure what the server does under load (PART="all publish" for the whole page)
	@$(PYTHON) scripts/install.py dev
	@$(RUN) -m bench $(PART)

fmt: ## format all Python and TypeScript
	@$(PYTHON) scripts/install.py dev
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix-only --quiet .

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-6s %s\n", $$1, $$2}' Makefile
