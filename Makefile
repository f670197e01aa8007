# Everything below sets itself up in .venv; all it needs is Python >= 3.11:  make test PYTHON=python3.12
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BOTS := $(VENV)/.bots
OPENCC := $(VENV)/.opencc
PEERS := $(VENV)/.peers

# What `make accuracy` measures with: labelled sentences and real chat logs are no part of the project.
CATALOGUE ?= accuracy/catalogue.yaml
DEVSET ?= accuracy/devset
CHATLOGS ?= accuracy/chatlogs
HALF ?= even

.DEFAULT_GOAL := help
.PHONY: help demo test bench accuracy borrowed e2e lint

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## Lint and audit the bundled sample logs into demo-out/
	$(BIN)/replylint demo --out demo-out

test: $(READY) ## Run the tests and every example of every rule
	$(BIN)/python -m pytest -m "not e2e" -n auto --dist loadfile
	$(BIN)/replylint rules test

bench: $(READY) $(PEERS) ## Print the performance table, into bench.json and docs/performance.md (CHATLOGS= for real talk)
	$(BIN)/python -m benchmarks.bench --json bench.json --table docs/performance.md $(if $(wildcard $(CHATLOGS)),--chatlogs $(CHATLOGS))

accuracy: $(READY) $(OPENCC) ## Measure the packs on CATALOGUE=, DEVSET= and CHATLOGS=, into docs/accuracy.md
	$(BIN)/python -m benchmarks.accuracy --catalogue $(CATALOGUE) --evasion --devset $(DEVSET) --half $(HALF) \
	  --chatlogs $(CHATLOGS) --out accuracy-out --table docs/accuracy.md

borrowed: $(READY) ## List sentences of the packs that are somebody's in the real chats of CHATLOGS=
	$(BIN)/python -m benchmarks.borrowed $(CHATLOGS)

e2e: $(READY) $(BOTS) ## Check against real servers, browsers and engines; says which it skipped and why
	scripts/e2e_setup.sh $(BIN)/python
	$(BIN)/python -m pytest -m e2e -rs

lint: $(READY) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What cannot be installed is skipped by its checks, which say so.
$(BOTS): pyproject.toml | $(READY)
	-@$(BIN)/python -m pip install -q -e '.[langchain,pydantic-ai,openai-agents,litellm,mcp]' && touch $@

# Without it traditional characters are not tried, which the tool says.
$(OPENCC): pyproject.toml | $(READY)
	-@$(BIN)/python -m pip install -q --group accuracy && touch $@

# Peers that cannot be installed are left out of the table.
$(PEERS): pyproject.toml | $(READY)
	-@$(BIN)/python -m pip install -q --group peers && touch $@

# The stamp is written last, so a setup that broke off is done again.
$(READY): pyproject.toml hatch_build.py replylint/_core.c
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "replylint needs Python >= 3.11; '$(PYTHON)' is missing or older. Try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "'$(PYTHON)' has no venv module. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q -e '.[serve,report,parquet]' --group dev
	@touch $@
