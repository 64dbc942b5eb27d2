# Every command of Trellis. `make` prints this help.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
# Options of a command, as in `make demo LOG=responses.csv.gz` or `make chaos SEEDS=50`.
LOG ?=
SEEDS ?=
ARGS ?=
# Servers are started from processes that talk gRPC, whose handlers at fork may end a child.
export GRPC_ENABLE_FORK_SUPPORT := false

.PHONY: help
help: ## Print this help
	@echo "Trellis: what learners show, who should meet next. The commands:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): requirements/dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): install Python 3.11, 3.12 or 3.13 with its venv module."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the locked packages into .venv (once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: install
install: $(INSTALLED) ## Make .venv from the lock file (the others do this by themselves)

.PHONY: demo
demo: compiled ## A district's week from records to published groups; LOG=FILE takes real responses
	@$(BIN)/python -m deploy.demo $(if $(LOG),--log $(LOG)) $(ARGS)

.PHONY: up
up: compiled ## Start Kafka, PostgreSQL and the services and leave them running
	@$(BIN)/python -m deploy.local up $(ARGS)

.PHONY: down
down: $(INSTALLED) ## Stop what `make up` or `make demo` left running
	@$(BIN)/python -m deploy.local down $(ARGS)
	@test ! -e .trellis/demo || $(BIN)/python -m deploy.local --directory .trellis/demo down $(ARGS)

.PHONY: status
status: $(INSTALLED) ## Show what is running, and where
	@$(BIN)/python -m deploy.local status $(ARGS)

.PHONY: compiled
compiled: $(INSTALLED)
	@$(BIN)/python -m services.scheduler compile

.PHONY: test
test: compiled ## Run every test, on real Kafka and PostgreSQL
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: unit
unit: compiled ## Run the unit tests only: no server, in about a minute
	@$(BIN)/python -m pytest tests/unit $(ARGS)

.PHONY: lint
lint: $(INSTALLED) ## Check style, types, imports, contracts and that generated code is fresh
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@cd proto && ../$(BIN)/buf lint && ../$(BIN)/buf format --diff --exit-code >/dev/null
	@cd proto && ../$(BIN)/buf breaking --against baseline.binpb
	@$(BIN)/python -m deploy.drift

.PHONY: check
check: lint ## Everything that CI runs: lint, then every test
	@$(MAKE) --no-print-directory test

.PHONY: format
format: $(INSTALLED) ## Put the code into the project's format
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .
	@cd proto && ../$(BIN)/buf format -w

.PHONY: proto
proto: $(INSTALLED) ## Generate gen/ from proto/
	@$(BIN)/python -m deploy.drift --write

.PHONY: baseline
baseline: $(INSTALLED) ## At a release: make today's contracts the ones that may not be broken
	@cd proto && ../$(BIN)/buf build -o baseline.binpb

.PHONY: bench
bench: $(INSTALLED) ## Measure speeds, as ratios in one run; figures go to .trellis/bench.json
	@$(BIN)/python -m tests.bench $(ARGS)
	@$(BIN)/python -m tests.bench.sources $(filter --quick,$(ARGS))

.PHONY: bench-schedule
bench-schedule: $(INSTALLED) ## Measure the planner of weeks against bounds and others; ARGS="--quick" for a minute
	@$(BIN)/python -m tests.bench.schedule $(ARGS)

.PHONY: chaos
chaos: $(INSTALLED) ## Kill everything at random while records come in; SEEDS=50 for longer
	@$(BIN)/python -m tests.chaos $(if $(SEEDS),--seeds $(SEEDS)) $(ARGS)

.PHONY: cluster-test
cluster-test: $(INSTALLED) ## Install, upgrade, drain and break the chart on a real Kubernetes
	@$(BIN)/python -m tests.cluster $(ARGS)

.PHONY: replays
replays: $(INSTALLED) ## Replay 1,500 histories of evidence in other orders; SEEDS=100 for less
	@$(BIN)/python -m tests.replays $(if $(SEEDS),--seeds $(SEEDS)) $(ARGS)

.PHONY: lock
lock: ## Write the lock files anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" pyproject.toml -o requirements/run.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --extra dev --extra local --extra evaluation \
	  -c requirements/run.lock pyproject.toml -o requirements/dev.lock

.PHONY: clean
clean: $(INSTALLED) ## Stop everything and remove what runs have left behind, data too
	@$(BIN)/python -m deploy.local down --wipe
	@test ! -e .trellis/demo || $(BIN)/python -m deploy.local --directory .trellis/demo down --wipe
	@rm -rf .trellis
