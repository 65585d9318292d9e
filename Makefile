# make run    set up and open the panel            make test         set up and pass every test
# make clean  forget the environment               make test-kernel  the box on a real kernel in QEMU
# make frames draw the golden frames anew          make pictures     draw the pictures of README and docs anew
# make bench  measure it, beside other players     make fuzz         spoilt files and messages, for an hour
# make kits   make the sounds that ship anew (ARGS=--report tells their measurements)
# make map    make the map of styles anew, out of patterns/
# make soak   an hour of a gig on that kernel: fails if anything grows

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
comma  := ,
# Pins need lgpio; a laptop has none.
EXTRAS := sound$(if $(wildcard /dev/gpiochip*),$(comma)pi)

.PHONY: run test check pytest test-kernel soak bench fuzz frames pictures kits map wheel clean help

help:
	@sed -n '/^# make/s/^# //p' Makefile

run: $(VENV)/ready
	$(BIN)/drumassist $(ARGS)

test: check pytest

pytest: $(VENV)/ready-for-tests
	$(BIN)/pytest $(ARGS)

check: $(VENV)/ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-kernel: $(VENV)/ready-for-kernel
	tests/kernel/run $(ARGS)

soak: $(VENV)/ready-for-kernel
	tests/kernel/soak

fuzz: $(VENV)/ready-for-tests
	$(BIN)/pytest tests/fuzz --hypothesis-profile=fuzz $(ARGS)

frames: $(VENV)/ready-for-tests
	$(BIN)/pytest tests/panel/test_frames.py --update-frames

pictures: $(VENV)/ready
	$(BIN)/python docs/pictures.py

kits: $(VENV)/ready
	$(BIN)/python -m workshop $(ARGS)

map: $(VENV)/ready
	$(BIN)/python -m workshop.groovemap

bench: $(VENV)/ready-for-bench
	@$(BIN)/python -m benchmarks $(ARGS)

wheel: $(VENV)/ready-for-tests
	$(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/ready: setup.cfg pyproject.toml .ci/venv
	PYTHON="$(PYTHON)" .ci/venv $(VENV) ".[$(EXTRAS)]"
	@touch $@

$(VENV)/ready-for-tests: $(VENV)/ready
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[sound,test]'
	@touch $@

$(VENV)/ready-for-bench: $(VENV)/ready
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[sound,bench]'
	@touch $@

# The guest has GPIO lines, so it needs what a Pi needs.
$(VENV)/ready-for-kernel: $(VENV)/ready-for-tests
	$(BIN)/pip install --quiet --disable-pip-version-check --only-binary lgpio -e '.[sound,test,pi]'
	@touch $@
