# Evoke runs and tests itself with Python 3.11 or newer and make. `make` alone lists what there is.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
IN_ENV := .venv/bin/python
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

.PHONY: help env env-dev demo demo-reset manage test test-full test-containers bench lock vendor

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

env:
	@$(PYTHON) -m config.environment requirements-local.lock

env-dev:
	@$(PYTHON) -m config.environment requirements-dev.lock

demo: env ## start the demonstration and print how to sign in; PORT=8001 for another port
	@exec $(IN_ENV) -m config.demo up --stop-with-parent --port "$(PORT)"

demo-reset: env ## forget the demonstration's data
	@exec $(IN_ENV) -m config.demo reset

manage: env ## a management command against the demonstration's servers: make manage ARGS="check"
	@exec $(IN_ENV) -m config.demo manage -- $(ARGS)

test: env-dev ## every check and test of a change
	@exec $(IN_ENV) -m config.devservices run --tests -- $(IN_ENV) -m config.gate

test-full: env-dev ## the same with every page state and the long runs
	@exec $(IN_ENV) -m config.devservices run --tests -- $(IN_ENV) -m config.gate --full

test-containers: env-dev ## build the image and bring docker-compose.yml up with podman
	@exec $(IN_ENV) -m config.gate --containers

bench: env-dev ## measure the goals, each against its limit
	@exec $(IN_ENV) -m config.devservices run --tests -- $(IN_ENV) manage.py bench $(ARGS)

lock: ## compile the locks from pyproject.toml, with hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q pyproject.toml --group local -c requirements-dev.lock -o requirements-local.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q pyproject.toml -c requirements-dev.lock -o requirements.lock

vendor: env-dev ## fetch the pinned browser libraries again
	@exec $(IN_ENV) -m config.vendor $(or $(ARGS),sync)
