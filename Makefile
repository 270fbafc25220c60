# Two commands for everybody: make demo, make test. Everything else is for those who work on the code.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test lint types bench clean help

help:
	@echo "make demo   set up and name the activities in a real phone-and-watch recording"
	@echo "make test   set up and run all tests"
	@echo "make lint   ruff and pyright"
	@echo "make bench  measure speed, memory and sizes on this machine"

demo: $(VENV)/.demo
	@$(BIN)/anywear recognize examples/phone-and-watch.anywear.parquet \
		--labels "sitting, standing up, walking, turning around, sitting down" \
		--window 2 --hop 0.5 --plot out/demo.png

test: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/pyright

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml
	$(PIP) install -e ".[plot]"
	@touch $@

# torch is pinned in the train extra: another release would pull several GB of GPU packages.
$(VENV)/.dev: $(BIN)/python pyproject.toml
	$(PIP) install -e ".[dev,train]"
	@touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) out .pytest_cache .ruff_cache .hypothesis
