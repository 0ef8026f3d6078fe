# Every target makes the environment it needs: a fresh machine has Python 3.11 and git, no more.
# ARGS="…" passes flags, MANIFESTS="…" names albums (files or folders).

PYTHON ?= python3
MANIFESTS ?= manifests
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
SONGMAKE := $(BIN)/songmake
USER_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
BENCH_VENV := .venv-bench
BENCH_STAMP := $(BENCH_VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: render rebuild validate plan status report verify install
.PHONY: test browser lint compiled reference torture bench clean help

render: $(USER_STAMP)
	@$(SONGMAKE) render $(MANIFESTS) $(ARGS)

# from lock and store alone: no key, no network, $0; says what is missing
rebuild: $(USER_STAMP)
	@$(SONGMAKE) render --frozen $(MANIFESTS) $(ARGS)

validate plan status report verify: $(USER_STAMP)
	@$(SONGMAKE) $@ $(MANIFESTS) $(ARGS)

install: $(USER_STAMP)

# Hundreds of Pythons start in a run, so compiled modules are kept, whatever the surroundings say;
# one process compiles them beside the type checker, lest four do it.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(DEV_STAMP)
	@$(MAKE) --jobs=3 --no-print-directory lint compiled browser
	$(BIN)/pytest --numprocesses=4 $(ARGS)

# Chromium for the tests of the pages: brought by apt-get where root may, else they are skipped
browser: $(DEV_STAMP)
	@$(BIN)/python -m tests.browser.chromium

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# What is wrong with a module is told by the run itself.
compiled: $(DEV_STAMP)
	@-$(BIN)/pytest --collect-only --quiet >/dev/null 2>&1

# docs/reference/, the words that shells complete and the static help, from what the program says of itself
reference: $(USER_STAMP)
	@$(BIN)/python -m docs.generator
	@$(BIN)/python -m pipeline.cli.completion_table
	@$(BIN)/python -m pipeline.cli.help_texts

torture: $(DEV_STAMP)
	$(BIN)/pytest -m torture -o faulthandler_timeout=3600 $(ARGS)

# Beside doit, Ninja, Snakemake, DVC and curl; half an hour on a machine that is idle, the first
# time longer: ten thousand songs are bought from a double, and kept in .bench/.
# ARGS="--row 8 --rounds 3 --quick" selects.
bench: export PYTHONDONTWRITEBYTECODE :=
bench: $(DEV_STAMP) $(BENCH_STAMP)
	@$(BIN)/python -m benchmarks $(ARGS)

help:
	@echo 'make render     sketch or buy what is missing; the same as make'
	@echo 'make plan       what render would do, why, for how much'
	@echo 'make validate   check the manifests'
	@echo 'make status     where every take stands, and what moves a stuck one on'
	@echo 'make report     write reports and pages again'
	@echo 'make verify     read every byte: journal, lock, store and outputs agree'
	@echo 'make rebuild    outputs again from lock and store: no key, no network, $$0'
	@echo 'make clean      empty outputs/; nothing that was bought is lost'
	@echo 'make install    only the environment, .venv'
	@echo
	@echo 'ARGS="…" passes flags, MANIFESTS="…" names albums: make plan ARGS=--diff'
	@echo
	@echo 'For those who change songmake: test (= lint, compiled, browser and the suite),'
	@echo 'reference, torture, bench: CONTRIBUTING.md'

# outputs only: the journal, the store and the lock files are never removed
clean:
	@mkdir -p outputs
	find outputs -mindepth 1 ! -name .gitkeep -delete

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)

$(USER_STAMP): pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	$(PIP) --editable '.[audio,sketch]'
	@touch $@

$(DEV_STAMP): pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	$(PIP) --editable '.[audio,sketch,s3,dev]'
	@touch $@ $(USER_STAMP)

# no constraints: the peers' own pins
$(BENCH_STAMP): benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --requirement $<
	@touch $@
