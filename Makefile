# Two commands are enough: `make demo` and `make test`. The rest is for developers.
# Everything happens in .venv here; nothing is installed outside this folder.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV ?= .venv
export VENV
ARGS ?=
PART ?=
.PHONY: help demo test serve lint format types borders unit peers bench messages lock clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## a synthetic county on http://127.0.0.1:8000 (ARGS="--port 8010", ARGS="--no-serve")
	@scripts/environment run
	@$(VENV)/bin/diguan demo $(ARGS)

test: ## every check, on SQLite, PostgreSQL and in a browser where they are present (PART="lint sqlite" for some)
	@scripts/environment test
	@$(VENV)/bin/python scripts/check.py $(PART)

serve: ## serve this installation's own data (see docs/operate.md)
	@scripts/environment run
	@$(VENV)/bin/diguan serve $(ARGS)

lint: ## style and likely mistakes
	@scripts/environment test
	@$(VENV)/bin/ruff check $(ARGS)

format: ## put the code into one layout
	@scripts/environment test
	@$(VENV)/bin/ruff format $(ARGS)

types: ## mypy
	@scripts/environment test
	@$(VENV)/bin/mypy

borders: ## who may import whom
	@scripts/environment test
	@$(VENV)/bin/lint-imports

unit: ## pytest on SQLite (ARGS="src/diguan/kernel -k words")
	@scripts/environment test
	@$(VENV)/bin/pytest -q -m "not browser" $(ARGS)

peers: ## an environment of its own (.venv-peers) for what benchmarks/peers.py measures beside us; never part of Diguan
	@[ -x .venv-peers/bin/python ] || "$$(scripts/find-python)" -m venv .venv-peers
	@.venv-peers/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/peers.txt

bench: ## every benchmark beside its peer, 40 minutes; writes benchmarks/results and docs/scale.md (ARGS="--quick", ARGS="--only sql load")
	@scripts/environment test
	@$(MAKE) --no-print-directory peers
	@$(VENV)/bin/python benchmarks/run_all.py $(ARGS)

messages: ## gather Chinese texts, merge them into the English catalogue, compile it
	@scripts/environment test
	@$(VENV)/bin/python scripts/messages.py $(ARGS)

lock: ## pin again after a change of dependencies (needs uv); keeps what still fits
	@command -v uv >/dev/null || { echo "make lock needs uv"; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml requirements/build.in -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml requirements/build.in --extra test -c requirements/run.txt -o requirements/test.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		requirements/peers.in -o requirements/peers.txt
	@! grep -n '://' requirements/*.txt || { echo "a requirement file names an address"; exit 1; }

clean: ## remove the environment and every cache; never the data folder
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
