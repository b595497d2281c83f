# make          list the targets
# The environment is set up on first use and again only when what it needs has changed.
PYTHON ?= python3
BIN := .venv/bin
OLD_ANKI := .venv/anki-24.11
LEAST := .venv/least
INSTALL := python -m pip --disable-pip-version-check install --quiet
PIP := $(BIN)/$(INSTALL) --constraint constraints.txt

IN_FULL := DECKWRIGHT_EXAMPLES=200 DECKWRIGHT_FUZZ=20 DECKWRIGHT_FAULTS=all

.DEFAULT_GOAL := help
.PHONY: help setup deck check check-deck diff test test-all kills fuzz slow sweep lint format golden agreement bench figures clean
MINUTES ?= 10
PART ?= 1/1

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/deck ## set up .venv, and let git join the ledgers of two branches that it merges
	@git config merge.deckwright-ledger.name 'join the histories of two branches'
	@git config merge.deckwright-ledger.driver "'$(abspath $(BIN))/deckwright' ledger merge %A %B"

deck: .venv/deck ## build content/ into dist/ and verify it in a real Anki
	@$(BIN)/deckwright build content --verify

check: .venv/deck ## name every mistake in content/, also what this deck asks of a card, and write nothing
	@$(BIN)/deckwright check content $(if $(GITHUB_ACTIONS),--format github)

check-deck: .venv/test ## compute what content/ states, and hold its numbers against what was measured
	@$(BIN)/pytest --quiet content/tests

diff: .venv/deck ## show what a release of content/ would change for learners
	@$(BIN)/deckwright diff content

test: lint $(OLD_ANKI) ## lint, types and all tests, those of Anki in an older one too
	@$(BIN)/pytest --numprocesses 2
	@PYTHONPATH=$(OLD_ANKI) $(BIN)/pytest --numprocesses 2 -m anki

test-all: lint $(OLD_ANKI) $(LEAST)/test ## every test in full: 200 kills, each fault, all histories; an hour or two
	@$(LEAST)/bin/pytest --numprocesses 2
	@$(IN_FULL) $(BIN)/pytest --numprocesses 2
	@$(IN_FULL) PYTHONPATH=$(OLD_ANKI) $(BIN)/pytest --numprocesses 2 -m anki

kills: .venv/test ## kill 200 builds and 200 releases by chance, and break every write
	@$(IN_FULL) $(BIN)/pytest --numprocesses 2 -k "killed or fails_at" tests/faults tests/releases/test_release.py

fuzz: .venv/test ## fuzz on every core for MINUTES=10, and count the cases
	@$(BIN)/python -m tests.fuzz $(MINUTES)

slow: .venv/test ## search for MINUTES=10 for the decks that take longest to check
	@$(BIN)/python -m tests.fuzz.slow $(MINUTES)

sweep: .venv/test ## show all that hostile cards may do in Anki and a browser; PART=1/100 is a share
	@$(BIN)/python -m tests.sweep --part $(PART)

lint: .venv/test ## formatting, lint and types only
	@$(BIN)/ruff format --check --quiet . || { echo "make format mends this"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary

format: .venv/test ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

golden: .venv/test ## rewrite the golden files; read the diff before you commit it
	@$(BIN)/python -m tests.rendering.golden && $(BIN)/python -m tests.diff.test_diff

agreement: .venv/test ## print how often a text is read as GitHub reads it
	@$(BIN)/python -m tests.rendering.agreement

bench: .venv/test ## measure where the time goes, as ratios
	@for script in run formulas reading moves; do $(BIN)/python bench/$$script.py || exit 1; done

figures: .venv/figures ## draw the deck's figures anew (minutes) and write down their numbers
	@$(BIN)/python content/figures/make.py

clean: ## remove dist/ and .venv/
	rm -rf dist .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "deckwright needs Python 3.11 or newer: make PYTHON=python3.12 deck"; exit 2; }
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "no venv module: on Debian and Ubuntu, apt install python3-venv"; exit 2; }

.venv/deck: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing what a build needs ..."
	@$(PIP) --editable '.[anki]'
	@touch $@

.venv/test: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing what the tests need ..."
	@$(PIP) --editable '.[anki,test]'
	@touch $@ .venv/deck

.venv/figures: .venv/bin/python pyproject.toml constraints.txt constraints-figures.txt
	@echo "Installing what the figures need (any build of torch will do: it is used on the CPU) ..."
	@$(PIP) --constraint constraints-figures.txt --editable '.[figures]'
	@touch $@

$(OLD_ANKI): .venv/test
	@echo "Installing Anki 24.11 beside the newest ..."
	@rm -rf $@ && $(BIN)/$(INSTALL) --no-deps --target $@ anki==24.11

$(LEAST)/test: .venv/test constraints-least.txt
	@echo "Installing the least versions, with which all tests run once more ..."
	@rm -rf $(LEAST) && $(BIN)/python -m venv $(LEAST)
	@$(LEAST)/bin/$(INSTALL) --constraint constraints.txt --editable '.[anki,test]'
	@$(LEAST)/bin/$(INSTALL) --no-deps --requirement constraints-least.txt
	@touch $@
