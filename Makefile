# make          list the targets
# The environment is set up on first use and again only when what it needs has changed.
PYTHON ?= python3
BIN := .venv/bin
OLD_ANKI := .venv/anki-24.11
LEAST := .venv/least
RELEASE := .venv/release
INSTALL := python -m pip --disable-pip-version-check install --quiet
LOCKED := $(INSTALL) --require-hashes --only-binary :all:
OURS := $(INSTALL) --no-deps --no-build-isolation --editable .

# The deck, the checkout that it is in, where to write from there, and the tool that does it.
DECK ?= content
IN ?= .
OUT ?= dist
TOOL := PYTHONSAFEPATH=1 '$(CURDIR)/$(BIN)/deckwright'
HERE = cd '$(IN)' && $(TOOL)
REAL = cd '$(IN)' && if [ -L '$(OUT)' ]; then echo "$(OUT) is a link: remove it"; exit 1; fi
TAGGED := "$$(sed -E 's/^(deck-|v)//' <<<"$$TAG")"

# JavaScript and CSS of ours, for browsers and QuickJS. A linter reads one file at a time: the names
# that classic scripts share are looked after by tests/test_scripts.py. A strict script may have
# functions in its blocks, and one in a browser a window. No settings that lie above this folder
# count, and what deno remembers stays in .venv.
DENO := DENO_DIR='$(CURDIR)/.venv/deno' DENO_NO_UPDATE_CHECK=1 $(BIN)/deno
AS_IT_IS := src/deckwright/mathjax/vendor src/deckwright/note_types tests/diff/after tests/hostile
FIND = find src tests bench -type f $(AS_IT_IS:%=! -path '%/*')
SCRIPTS = $(shell $(FIND) -name '*.js')
SHEETS = $(shell $(FIND) -name '*.css')
STRICT := ban-untagged-todo default-param-last eqeqeq guard-for-in no-eval no-self-compare \
  no-sparse-arrays no-throw-literal no-top-level-await no-useless-rename single-var-declarator
OFF := no-unused-vars no-inner-declarations no-window no-window-prefix
LINT_JS = $(DENO) lint --quiet --no-config $(STRICT:%=--rules-include=%) \
  $(OFF:%=--rules-exclude=%) $(SCRIPTS)
FORMAT_JS = $(DENO) fmt --quiet --no-config --no-editorconfig --line-width 100 $(SCRIPTS) $(SHEETS)

IN_FULL := DECKWRIGHT_EXAMPLES=200 DECKWRIGHT_FUZZ=20 DECKWRIGHT_FAULTS=all

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help setup deck check check-deck diff summary on-main release-files same-release earlier \
  rehearse reproduce preview site screenshots test test-all kills fuzz slow sweep lint workflows format golden \
  agreement bench lock wheel wheel-check figures clean
MINUTES ?= 10
PART ?= 1/1

# Renewing a lock takes no file that is younger than a week: what is hostile is often found by then.
COMPILE = $(RELEASE)/bin/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: \
  --generate-hashes --no-header $(if $(KEEP),,--upgrade --exclude-newer '7 days')
AS_TESTED := --constraint locks/test.txt

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/deck ## set up .venv, and let git join the ledgers of two branches that it merges
	@git config merge.deckwright-ledger.name 'join the histories of two branches'
	@git config merge.deckwright-ledger.driver "'$(abspath $(BIN))/deckwright' ledger merge %A %B"

deck: .venv/deck ## build content/ into dist/ and verify it in a real Anki
	@$(HERE) build '$(DECK)' --verify --output-dir '$(OUT)'

check: .venv/deck ## name every mistake in content/, and what this deck asks of a card
	@$(HERE) check '$(DECK)' --format "$${FORMAT:-text}" $${BASE:+--base "$$BASE"}

check-deck: .venv/test ## compute what content/ states, compare the numbers it quotes, look at each card
	@$(BIN)/pytest --quiet content/tests

diff: .venv/deck ## show what a release of content/ would change for learners
	@$(HERE) diff '$(DECK)'

# What CI runs besides, for the deck DECK in the checkout IN; see docs/releasing.md. What comes from
# outside, as the name of a tag, is read by the shell alone: make would expand what is in it.

summary: .venv/deck ## the same as dist/changes.md and, with the cards, as dist/changes.html
	@$(REAL) && mkdir -p '$(OUT)' && rm -f '$(OUT)'/changes.* && done=0 && \
	  { $(TOOL) diff '$(DECK)' $${BASE:+--base "$$BASE"} --format markdown >'$(OUT)/changes.md' || done=$$?; } && \
	  cat '$(OUT)/changes.md' >>"$${GITHUB_STEP_SUMMARY:-/dev/null}" && \
	  { $(TOOL) diff '$(DECK)' $${BASE:+--base "$$BASE"} --format html >'$(OUT)/changes.html' || done=$$?; } && exit $$done

on-main: ## see that what is checked out in IN is on its branch MAIN=main
	@git -C '$(IN)' merge-base --is-ancestor HEAD "refs/remotes/origin/$${MAIN:-main}" \
	  || { echo "this commit is not on the branch $${MAIN:-main}: merge it first, then tag it"; exit 1; }

release-files: .venv/deck ## build the release of TAG=deck-1.2.0, or nothing, into dist/release
	@$(REAL) && rm -rf '$(OUT)/release'
	@$(HERE) build '$(DECK)' --verify --released $(TAGGED) --output-dir '$(OUT)/release'
	@cd '$(IN)' && cd '$(OUT)/release' && mv ./*.apkg.sha256 SHA256SUMS && \
	  printf '\nHow to verify the package that you downloaded:\n\n```sh\n%s\n```\n' \
	    "gh attestation verify $$(echo *.apkg) --repo $${GITHUB_REPOSITORY:-OWNER/NAME} --source-ref refs/tags/$$TAG --signer-workflow $${SIGNER:-OWNER/NAME/.github/workflows/deck-release.yml}" \
	    >>notes.md && cat notes.md >>"$${GITHUB_STEP_SUMMARY:-/dev/null}"

same-release: .venv/deck ## build it once more and compare it with dist/release: COMPARED=bytes, or content
	@$(REAL) && rm -rf '$(OUT)/again'
	@$(HERE) build '$(DECK)' --released $(TAGGED) --output-dir '$(OUT)/again'
	@cd '$(IN)' && '$(CURDIR)/$(BIN)/python' '$(CURDIR)/.ci/same_release.py' '$(OUT)' "$${COMPARED:-bytes}"

WITH_PACKAGE := .[] | select(.draft | not) | select(any(.assets[]; .name | endswith(".apkg"))) | .tag_name
earlier: ## fetch the packages of all releases below TAG from GitHub into dist/earlier
	@$(REAL) && rm -rf '$(OUT)/earlier' && mkdir -p '$(OUT)/earlier'
	@cd '$(IN)' && set -o pipefail && \
	  gh api --paginate "repos/$$GITHUB_REPOSITORY/releases" --jq '$(WITH_PACKAGE)' | while read -r tag; do \
	    last=$$(printf '%s\n' "$$tag" "$$TAG" | sort --version-sort | tail -n 1); \
	    case "$$tag $$last" in \
	      "$$TAG "*) ;; \
	      "$${TAG%%[0-9]*}"[0-9]*" $$TAG") echo "$$tag" && gh release download "$$tag" \
	        --repo "$$GITHUB_REPOSITORY" --pattern '*.apkg' --dir '$(OUT)/earlier' || exit 1 ;; \
	    esac; \
	  done

rehearse: .venv/deck ## rehearse the update from each package in dist/earlier to that in dist/release
	@cd '$(IN)' && if ls '$(OUT)'/earlier/*.apkg >/dev/null 2>&1; \
	  then $(TOOL) verify '$(OUT)'/earlier/*.apkg '$(OUT)'/release/*.apkg --deck '$(DECK)'; \
	  else echo "there is no earlier release to rehearse the update from"; fi

reproduce: .venv/bin/python ## build the release VERSION=1.0.0 again, from its commit and with its tools
	@$(BIN)/python .ci/reproduce.py "$$VERSION"

preview: .venv/deck ## look at the cards of content/ in a browser, and see each change as it is saved
	@$(HERE) preview '$(DECK)' --serve --open

site: .venv/deck ## write the same as a page that opens anywhere, with the package, into dist/site
	@$(REAL) && rm -rf '$(OUT)/site'
	@$(HERE) preview '$(DECK)' --output-dir '$(OUT)/site'

screenshots: .venv/test ## take the pictures of the pages in docs/ anew
	@$(BIN)/python -m tests.screenshots

test: lint $(OLD_ANKI) ## lint, types and all tests, those of Anki in an older one too
	@$(BIN)/pytest --numprocesses 2
	@DECKWRIGHT_FUZZ=0.1 PYTHONPATH=$(OLD_ANKI) $(BIN)/pytest --numprocesses 2 -m anki

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

lint: .venv/test workflows ## formatting, lint, types and workflows only
	@$(BIN)/ruff format --check --quiet . && $(FORMAT_JS) --check \
	  || { echo "make format mends this"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(LINT_JS)
	@$(BIN)/mypy --no-error-summary

workflows: .venv/test ## lint .github/: what it says, and what it lets others do
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(BIN)/zizmor --quiet $(if $(GH_TOKEN),,--offline) --strict-collection --persona=auditor .

format: .venv/test ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(FORMAT_JS)

golden: .venv/test ## rewrite the golden files; read the diff before you commit it
	@$(BIN)/python -m tests.rendering.golden && $(BIN)/python -m tests.diff.test_diff

agreement: .venv/test ## print how often a text is read as GitHub reads it
	@$(BIN)/python -m tests.rendering.agreement

bench: .venv/test ## measure where the time goes, as ratios
	@for script in run formulas reading moves preview; do $(BIN)/python bench/$$script.py || exit 1; done

lock: $(RELEASE)/done ## renew all pins, but for what is younger than a week; KEEP=1 only follows pyproject.toml
	@$(COMPILE) pyproject.toml --extra anki --extra test --group build -o locks/test.txt
	@$(COMPILE) pyproject.toml --extra anki --group build $(AS_TESTED) -o locks/deck.txt
	@$(COMPILE) --group release $(AS_TESTED) -o locks/release.txt
	@$(COMPILE) --group old-anki --no-deps -o locks/anki-24.11.txt
	@$(COMPILE) pyproject.toml --extra anki --no-deps --resolution lowest-direct -o locks/least.txt
	@$(COMPILE) pyproject.toml --extra figures --no-generate-hashes --no-annotate $(AS_TESTED) -o constraints-figures.txt
	@{ echo "# For make figures, without hashes: any build of torch will do."; cat constraints-figures.txt; } \
	  >.venv/figures.txt && mv .venv/figures.txt constraints-figures.txt
	@git diff --stat -- locks constraints-figures.txt

# Of the commit, not of the folder: what lies about there, and who may read it, is in no wheel.
wheel: $(RELEASE)/done ## build the sdist and, from it, the wheel of the last commit into dist/
	@$(REAL) && rm -f dist/*.whl dist/*.tar.gz
	@tree=$$(mktemp -d) && trap 'rm -rf "$$tree"' EXIT && umask 022 && set -o pipefail && \
	  git archive HEAD | tar -x --no-same-permissions -C "$$tree" && \
	  SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) \
	  $(RELEASE)/bin/pyproject-build --no-isolation --outdir dist "$$tree" >/dev/null

wheel-check: .venv/deck ## install that wheel alone, and build content/ with it; TAG=deckwright-0.1.0 is its version
	@$(BIN)/python .ci/wheel_check.py "$${TAG:-}"

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

# A lock names every package with its version and its hashes, so that what is installed is what was
# reviewed. pip takes no hashes for a folder: ours is installed after them, with nothing but itself.
.venv/deck: .venv/bin/python pyproject.toml locks/deck.txt
	@echo "Installing what a build needs ..."
	@$(BIN)/$(LOCKED) --requirement locks/deck.txt && $(BIN)/$(OURS)
	@touch $@

.venv/test: .venv/bin/python pyproject.toml locks/test.txt
	@echo "Installing what the tests need ..."
	@$(BIN)/$(LOCKED) --requirement locks/test.txt && $(BIN)/$(OURS)
	@touch $@ .venv/deck

# Versions without hashes: any build of torch will do, and which is to be had differs by machine.
.venv/figures: .venv/deck constraints-figures.txt
	@echo "Installing what the figures need (any build of torch will do: it is used on the CPU) ..."
	@$(BIN)/$(INSTALL) --constraint constraints-figures.txt --no-build-isolation --editable '.[figures]'
	@touch $@

$(OLD_ANKI): .venv/test locks/anki-24.11.txt
	@echo "Installing Anki 24.11 beside the newest ..."
	@rm -rf $@ && $(BIN)/$(LOCKED) --no-deps --target $@ --requirement locks/anki-24.11.txt

$(LEAST)/test: .venv/bin/python pyproject.toml locks/test.txt locks/least.txt
	@echo "Installing the least versions, with which all tests run once more ..."
	@rm -rf $(LEAST) && $(BIN)/python -m venv $(LEAST)
	@$(LEAST)/bin/$(LOCKED) --requirement locks/test.txt
	@$(LEAST)/bin/$(LOCKED) --no-deps --requirement locks/least.txt && $(LEAST)/bin/$(OURS)
	@touch $@

$(RELEASE)/done: .venv/bin/python locks/release.txt
	@echo "Installing what builds the wheel and renews the locks ..."
	@rm -rf $(RELEASE) && $(BIN)/python -m venv $(RELEASE)
	@$(RELEASE)/bin/$(LOCKED) --requirement locks/release.txt
	@touch $@
