# Everything a person types by hand; `make` alone lists the targets.
PYTHON3 ?= python3
VENV    := .venv/bin
OUT     ?= out/walkthrough

.DEFAULT_GOAL := help
.PHONY: help setup walkthrough test check bench collectors soak concurrent cycles truth callflow lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what the main job needs (says what and why first)
	@$(PYTHON3) -m runtime.bootstrap

walkthrough: ## boot a real server, follow it, show it (KEEP=1 leaves the stack up)
	@$(PYTHON3) -m runtime.bootstrap
	@$(VENV)/stackwalk demo --out $(OUT) $(if $(KEEP),--keep)

test: ## all set-up, then every check and test, with a real server and a real browser
	@$(PYTHON3) -m runtime.bootstrap --tests
	@$(MAKE) --no-print-directory check
	@$(VENV)/pytest

check: ## formatting, lint, types and walls only
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports --no-logo

bench: ## the recorder beside other tools; POST to ACTIVE with and without it; reading beside other tools
	@$(PYTHON3) -m runtime.bootstrap --tests
	@$(VENV)/python -m tests.bench.recorder
	@$(VENV)/python -m tests.bench.create_latency
	@$(VENV)/python -m tests.bench.static_tools

collectors: ## all tests of the recorder once for each collector on each Python
	@$(PYTHON3) -m runtime.bootstrap --tests
	@for engine in $$($(VENV)/python -m tests.recording.probed); do \
		echo "== $$engine"; \
		STACKWALK_TEST_ENGINE=$$engine STACKWALK_COLLECTOR=$${engine#*-} $(VENV)/pytest -q tests/recording || exit 1; \
	done

soak: ## ten million events of random concurrent programs, each beside its recording (EVENTS=, FIRST=)
	@$(PYTHON3) -m runtime.bootstrap --tests
	@$(VENV)/python -m tests.bench.soak $(if $(EVENTS),--events $(EVENTS)) $(if $(FIRST),--first $(FIRST))

concurrent: ## 50 creates at the same moment, all traced: is every span in its own request's tree?
	@$(PYTHON3) -m runtime.bootstrap --tests
	@$(VENV)/python -m tests.bench.concurrent_creates

cycles: ## three times up, create, delete, down; then look for anything left behind
	@$(PYTHON3) -m runtime.bootstrap --tests
	@$(VENV)/python -m tests.bench.cycles

truth: ## the call graph of Nova beside Nova's source, row by row, and what is missing (RECORDING=)
	@$(PYTHON3) -m runtime.bootstrap --tests
	@$(VENV)/python -m tests.acceptance.static_truth $(if $(RECORDING),--recording $(RECORDING)) \
		--read oslo_messaging oslo_middleware routes keystonemiddleware

callflow: ## write the project's own call flow anew: make callflow REASON="why it changed"
	@$(VENV)/stackwalk check tests/guarding/own.callflow tracer/guarding tracer/regression --update --reason "$(REASON)"

clean: ## remove what was rendered and built in this checkout
	@rm -rf out build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

lock: ## pin the project's dependencies anew, after a change of pyproject.toml
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	    --no-annotate --no-header --no-emit-index-url --no-emit-package libvirt-python \
	    --group dev pyproject.toml --output-file runtime/locks/project.txt
