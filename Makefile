# `make help` lists what can be made here. Everything is installed in .venv, and nothing outside of this folder.

PYTHON ?= python3
VENV ?= .venv
DATA ?= var
ARGS ?=
WORKERS ?= $(shell expr 2 '*' $$(getconf _NPROCESSORS_ONLN))

BIN := $(VENV)/bin
SOURCES := $(shell find classcord twisted -type f ! -name '*.py[co]' ! -name dropin.cache)

.DEFAULT_GOAL := help
.PHONY: run test test-system test-other-day lint types bench crash-test faults docs vendor lock pin deb clean help

run: $(VENV)/.installed  ## run the server in the foreground, with its data in ./var (ARGS="--port 4000" adds options)
	@exec $(BIN)/twistd --nodaemon --pidfile= classcord --data '$(subst ','\'',$(DATA))' --verbose $(ARGS)

# ARGS="tests/chat -x" runs these tests alone, in one process; WORKERS=3 uses so many processes, instead of two a
# processor: half of a test's time it waits for the disk or for a server that starts. The tests of each of the floors
# below are run first, each floor's in one process that counts how much of it they run (tests/measured.py): every further
# process would collect them again. Python keeps its bytecode, for the tests start many servers. In a fresh clone, one
# process beside the floors compiles all other tests, and not each of those that run them.
FLOORS := chat wire store
OTHERS := $(FLOORS:%=--ignore=tests/%)
COMPILED := $(if $(wildcard tests/cli/doctor/__pycache__),,test-compiled)
MARKS := -m "not system"
SYNCED := $(if $(filter output-sync,$(.FEATURES)),--output-sync)
test test-%: export PYTHONDONTWRITEBYTECODE =

test: $(VENV)/.installed $(VENV)/.dev  ## run the test-suite, and check how much of each floor below its own tests run
ifeq ($(strip $(ARGS)),)
	@$(MAKE) --no-print-directory --jobs $(SYNCED) $(FLOORS:%=test-%) $(COMPILED)
	@echo "== all other tests"
	@$(BIN)/python -m pytest $(MARKS) -n $(WORKERS) --dist worksteal $(OTHERS)
else
	@$(BIN)/python -m pytest $(MARKS) $(ARGS)
endif

$(FLOORS:%=test-%): test-%: $(VENV)/.installed $(VENV)/.dev
	@$(BIN)/python -m tests.measured $* $(MARKS)

.PHONY: test-compiled
test-compiled: $(VENV)/.installed $(VENV)/.dev
	@$(BIN)/python -m pytest $(MARKS) $(OTHERS) --collect-only -qqq >/dev/null 2>&1 || true  # whoever runs them tells what fails

# A whole module is one process's, for what its tests share; modules with slow tests begin.
test-system: $(VENV)/.installed $(VENV)/.dev  ## run the tests that need real tools, or servers in trouble; as root, install their Debian packages
	@sh tests/system/install-tools.sh
	@$(BIN)/python -c 'import ldap' 2>/dev/null || $(BIN)/python -m pip install --quiet 'python-ldap>=3.4.4' || \
		echo 'Without python-ldap, the tests of directories are skipped.' >&2
	$(BIN)/python -m pytest -m system -rs -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-other-day: $(VENV)/.installed $(VENV)/.dev  ## run a part of it on another day, in another zone, language and order (SEED=7: this one)
	@bash tests/other-day.sh $(SEED) $(ARGS)

lint: $(VENV)/.dev  ## check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev  ## check types
	$(BIN)/mypy

bench: $(VENV)/.installed $(VENV)/.dev  ## measure what a message costs, stage by stage (bench/README.md)
	$(BIN)/python -m bench.hotpath
	$(BIN)/python -m bench.pages
	$(BIN)/python -m bench.faces

crash-test: $(VENV)/.installed $(VENV)/.dev  ## kill the server 20 times under load, and look for what was lost
	$(BIN)/python -m bench.crash --rounds 20
	$(BIN)/python -m bench.reconnect --rounds 20

faults: $(VENV)/.installed $(VENV)/.dev  ## do to a real server what goes wrong in machine rooms, and print the figures
	$(BIN)/python -m bench.faults

docs: $(VENV)/.dev  ## write anew from the code what docs/ shows of the protocol, the commands and the features
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.replay

vendor:  ## fetch anew from npm the libraries of the web page, in the versions that packaging/vendor.py names
	@$(PYTHON) packaging/vendor.py

deb:  ## build a Debian package for this machine's Debian in build/deb (needs python3-venv; wheels come from the network)
	@sh packaging/debian/build.sh

clean:  ## remove all that was made here, but never the data in ./var
	rm -rf $(VENV) build dist .tox .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache twisted/plugins/dropin.cache
	find classcord twisted tests docs bench -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## list these
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

# The environment: made again when what is pinned changes; the package in it, when the sources change. It is a normal
# install, for an editable one does not show the plugin to twistd outside of this folder.

# pip's own words, dozens of lines without a network, go to a file; of them one is told.
fetch = $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1) 2>$(VENV)/pip.log || { \
    echo "Some libraries could not be fetched ($$(sed -n 's/^ERROR: //p' $(VENV)/pip.log | tail -n 1))." \
        "Is there a network? All that pip said is in $(VENV)/pip.log" >&2; exit 1; }

$(VENV)/.made: requirements/run.txt requirements/build.txt
	@command -v $(PYTHON) >/dev/null \
	    || { echo "$(PYTHON) is missing. On Debian: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	    || { echo "$$($(PYTHON) --version 2>&1) is too old, 3.10 is needed. On Debian 12 or newer:" \
	         "apt-get install python3 python3-venv; another one that is installed: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	    || { echo "Python's venv module is missing. On Debian: apt-get install $(notdir $(PYTHON))-venv" >&2; exit 1; }
	@echo "Making the virtual environment $(VENV)..."
	@$(PYTHON) -m venv $(VENV)
	@$(call fetch,-r requirements/run.txt -r requirements/build.txt)
	@touch $@

$(VENV)/.dev: $(VENV)/.made requirements/dev.txt
	@echo "Installing the tools of the tests..."
	@$(call fetch,-r requirements/dev.txt)
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml README.md LICENSE $(SOURCES)
	@echo "Installing ClassCord in $(VENV)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --force-reinstall .
	@touch $@

# With the hashes of what the index has for every Python, system and processor: from then on pip installs nothing else.
lock: $(VENV)/.made  ## write requirements/*.txt anew: the newest versions that pyproject.toml admits
	@$(MAKE) --no-print-directory pin UPGRADE=--upgrade

pin: $(VENV)/.made  ## add to requirements/*.txt what pyproject.toml has gained, and keep every other version
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(PIN) pyproject.toml --output-file requirements/run.txt
	$(PIN) --group build --constraint requirements/run.txt --output-file requirements/build.txt
	$(PIN) pyproject.toml --group test --group lint --group types --group packaging \
	    --constraint requirements/run.txt --output-file requirements/dev.txt

PIN = build/lock/bin/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.10 --generate-hashes --no-strip-extras \
    --no-annotate --no-header
