# flowhelm: `make demo` and `make test` are all a newcomer needs; `make help` lists the rest.
# Everything is made inside .venv from the lock files; stamp files there make a second run quick.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format lint types layers e2e bench bench-runs goldens helm lock clean
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

# The first Python here that is new enough; `make PYTHON=...` names another.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)

help:  ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):[^#]*##  *\(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-17s %s\n", $$1, $$2}'

demo: $(VENV)/installed  ## compile the order example, show the chart's tree and what validation says
	@command -v helm >/dev/null || $(BIN)/python scripts/fetch-helm 4.3.1
	$(BIN)/flowhelm compile examples/order/spec.yaml -o charts-out/order
	@echo && cd charts-out && find order | LC_ALL=C sort | sed -e 's|[^/]*/|   |g'

test: $(VENV)/installed-dev helm  ## run the tests
	@scripts/fetch-promtool
	$(BIN)/python -m pytest -q -n auto

check: format lint types layers test  ## formatting, lint, types, layers, then the tests: what a change must pass

format: $(VENV)/installed-dev
	$(BIN)/ruff format --check .

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .

types: $(VENV)/installed-dev
	$(BIN)/mypy
	@for script in scripts/crd-schemas scripts/fetch-helm scripts/make-venv; do $(BIN)/mypy --scripts-are-modules "$$script" || exit 1; done

layers: $(VENV)/installed-dev
	$(BIN)/lint-imports --no-cache

e2e: $(VENV)/installed-dev helm  ## run the tests that need a Kubernetes cluster: KUBECONFIG, or one started beside the checkout
	@BIN=$(BIN) scripts/e2e

bench: $(VENV)/installed helm  ## time whole commands next to Helm, kubeconform and kube-score; writes bench/RESULTS.md
	@scripts/fetch-peers
	$(BIN)/python -m bench

bench-runs: $(VENV)/installed-dev helm  ## time runs of the order example on the cluster of KUBECONFIG, and on Argo beside it
	$(BIN)/python -m bench.runs

goldens: $(VENV)/installed-dev helm  ## rewrite what is generated: charts-out/, expected outputs, pages of docs/, the schema
	$(BIN)/flowhelm compile --force examples/*/spec.yaml
	FLOWHELM_GOLDENS=1 $(BIN)/python -m pytest -q tests/cases tests/diff/test_cases.py tests/diff/test_page_of_changes.py tests/spec tests/test_catalog.py tests/validate/test_policy.py
	@git --no-pager diff --stat -- charts-out tests/cases docs flowhelm.schema.json 2>/dev/null || true

helm: $(VENV)/installed
	@$(BIN)/python scripts/fetch-helm

lock:  ## bring both lock files up to date with pyproject.toml
	@scripts/lock "$(PYTHON)"

clean:  ## remove everything that make made, but not the Helm binaries in the user's cache
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment ---------------------------------------------------------------------------------------------------

$(VENV)/made: scripts/make-venv
	@test -n "$(PYTHON)" || { echo "flowhelm needs Python 3.11 or newer (Debian, Ubuntu: apt-get install python3)" >&2; exit 1; }
	@echo "Making the environment in $(VENV)"
	@$(PYTHON) scripts/make-venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made requirements.lock pyproject.toml
	@echo "Installing what flowhelm needs"
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	@echo "Installing what its tests need"
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements-dev.lock
	@touch $@
