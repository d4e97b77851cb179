# Two commands from a fresh clone: `make demo` and `make test`. Everything goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench chaos clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.installed-run
	@$(BIN)/polycloud demo

test: $(VENV)/.installed-dev
	@scripts/test

check: $(VENV)/.installed-dev
	@scripts/check

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m bench

chaos: $(VENV)/.installed-dev
	@$(BIN)/python -m chaos

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*

$(VENV)/.installed-run: pyproject.toml requirements.lock
	@scripts/setup run "$(PYTHON)"

$(VENV)/.installed-dev: pyproject.toml requirements.lock
	@scripts/setup dev "$(PYTHON)"
