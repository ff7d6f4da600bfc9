# django-cookiecutter. `make help` lists what you can do; each line comes from the comment above its target.

SHELL := /bin/bash
PYTHON ?= python3
SITE_PORT ?= 8001
PROJECT_PORT ?= 8000
UV := .uv/bin/uv

# pyenv's shims answer for an interpreter only when its version is switched on; elsewhere this is empty and unset.
PYENVS := $(shell pyenv versions --bare --skip-aliases 2>/dev/null | grep -E '^3\.[0-9]+\.[0-9]+$$' | sort -rV | paste -sd:)
ifneq ($(PYENVS),)
export PYENV_VERSION := $(PYENVS)
endif
export COOKBOOK_UV := $(CURDIR)/$(UV)
# uv must use the environment that it is told to use, not one that happens to be active.
unexport VIRTUAL_ENV

.DEFAULT_GOAL := help
.PHONY: help run start test setup servers verify docs project lint mutate bench clean

## help: list the targets
help:
	@sed -n 's/^## \([a-z]*\): \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

## run: execute the recipes that this machine can run, then serve the site and the reference project
run: setup
	@.venv/bin/cookbook serve --site-port $(SITE_PORT) --project-port $(PROJECT_PORT)

## start: make a project of your own: make start NAME=shop TO=../shop
start: setup
	@.venv/bin/cookbook start $(if $(NAME),"$(NAME)",$(error Name it: make start NAME=shop TO=../shop)) $(if $(TO),"$(TO)",$(error Say where it is to lie: make start NAME=shop TO=../shop))

## test: everything that CI runs, servers included
test: setup
	@rm -f build/evidence/commands.json
	@if .venv/bin/cookbook doctor --install; then \
		.venv/bin/tox run; \
	elif [ -n "$$CI" ]; then \
		echo "In CI no variant may be left out." >&2; exit 1; \
	else \
		echo "Going on without: the variants that need it are reported as not run."; \
		COOKBOOK_VERIFY_OPTIONS=--available COOKBOOK_COVERAGE_OPTIONS=--no-fail COOKBOOK_REQUIRE_EVIDENCE=0 \
		.venv/bin/tox run; \
	fi

## setup: make .venv, with the cookbook command in it
setup: .venv/.ready

.venv/.ready: uv.lock pyproject.toml | $(UV)
	@echo "Setting up .venv ..."
	@$(UV) sync --frozen --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
	@touch $@

$(UV): conf/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python %d.%d found, 3.11 or newer needed. Name another one: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { echo "pip is missing for $(PYTHON). On Debian or Ubuntu: apt-get install python3-pip" >&2; exit 1; }
	@echo "Fetching uv ..."
	@$(PYTHON) -m pip install --quiet --no-warn-script-location --disable-pip-version-check --root-user-action ignore --target .uv --upgrade -r conf/bootstrap.txt
	@touch $@

## servers: install the servers that the recipes need, by apt where that is allowed
servers: setup
	@.venv/bin/cookbook doctor --install

## verify: execute all recipes in all variants
verify: setup
	@.venv/bin/cookbook verify

## docs: build the site from the evidence at hand
docs: setup
	@.venv/bin/python -m sphinx -q -n -W --keep-going -b html -d build/doctrees docs/source build/html
	@echo "The site is in build/html."

## project: run the reference project's own tests, on the oldest and the newest pair of Python and Django
project: setup
	@.venv/bin/tox run -e project

## lint: check style, shell scripts and configuration files
lint: setup
	@.venv/bin/tox run -e lint

## mutate: change every line of every recipe, one at a time, and report what nothing noticed
mutate: setup
	@.venv/bin/cookbook mutate

## bench: measure the project beside what it could have been built from; more with BENCH="saves --rounds 21"
bench: setup
	@.venv/bin/python -m tests.benchmarks $(BENCH)

## clean: remove everything that was made; the next run starts cold
clean:
	rm -rf .venv .uv .tox build
