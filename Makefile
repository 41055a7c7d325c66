# make demo   the check-in at a hotel desk, under a permit, from nothing
# make test   the tests (ARGS are handed to pytest: make test ARGS="-k permits -x")
# make test-all  the tests, every row of every table among them: half an hour
# make check  lint, types, import contracts, documents that are generated
# make serve  the clerk's page on loopback, in the demo's data folder
# make bench  how long each step takes on this machine
# make fuzz   ten minutes each of made-up pictures, videos, lines of documents and requests (FUZZ_SECONDS=30 for less)
# make native build the compiled scan of galleries into the environment, where there is a C compiler
# make wheel  build the wheel and run the tests from it

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
# From the wheel: the parts that read what lies beside the code (packs, pages, migrations, manifests, tables).
WHEEL_TESTS ?= $(addprefix tests/unit/,authority/test_packs.py authority/test_roles.py authority/notices \
	decisions/test_error_table.py runtime/test_build.py runtime/test_selfcheck.py runtime/test_notices.py \
	runtime/test_setting_up.py scenes server store/test_database.py web) \
	$(addprefix tests/integration/test_,bad_documents.py demo.py doors.py nothing_left_behind.py) tests/house \
	-m "not slow and not browser and not exhaustive"
DEMO_FOLDER ?= var/demo
# All that the demo needs; the tests bring more.
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
NATIVE := $(VENV)/.native-installed

.DEFAULT_GOAL := help
.PHONY: help demo serve test test-all check format bench fuzz native wheel generate requirements clean

help:
	@grep -E '^# make' Makefile | sed 's/^# //'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Countenance needs Python 3.11 or newer; say which with make PYTHON=/path/to/python3"; exit 2; }
	$(PYTHON) -m venv $(VENV) || \
		{ echo "This Python can't make environments: install its venv package (Debian: apt-get install python3-venv)"; exit 2; }

$(RUNTIME): requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/runtime.txt -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(NATIVE): requirements/native.txt $(wildcard native/src/* native/*.t* native/*/__init__.py) | $(BIN)/python
	@if command -v cc >/dev/null; then \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/native.txt && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation ./native; \
	else echo "No C compiler: galleries are searched by NumPy, more slowly."; fi
	@touch $@

native: $(NATIVE)

$(DEV): requirements/dev.txt $(RUNTIME) $(NATIVE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(RUNTIME)
	$(BIN)/countenance demo --folder $(DEMO_FOLDER) $(ARGS)

serve: $(RUNTIME)
	$(BIN)/countenance serve --demo --folder $(DEMO_FOLDER) $(ARGS)

test: $(DEV)
	$(BIN)/countenance models pull --all
	$(BIN)/countenance samples pull
	$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),-n 2 -m "not exhaustive")

test-all: $(DEV)
	$(BIN)/countenance models pull --all
	$(BIN)/countenance samples pull
	$(BIN)/python -m pytest -n 2

check: $(DEV)
	$(BIN)/ruff check src tests scripts
	$(BIN)/ruff format --check src tests scripts
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/generate.py --check

format: $(DEV)
	$(BIN)/ruff check --fix src tests scripts
	$(BIN)/ruff format src tests scripts

bench: $(DEV)
	$(BIN)/python scripts/bench_pipeline.py $(ARGS)

FUZZ_SECONDS ?= 600
fuzz: $(DEV)
	$(BIN)/python -m venv build/fuzz
	build/fuzz/bin/python -m pip install --quiet --disable-pip-version-check atheris==3.0.0
	PYTHONPATH=src:$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])') \
		PYTHON=$(CURDIR)/build/fuzz/bin/python scripts/fuzz.sh $(FUZZ_SECONDS)

wheel: $(DEV)
	rm -rf build/wheel && mkdir -p build/wheel
	$(BIN)/python -m hatchling build --target wheel --directory build/wheel
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target build/wheel/site build/wheel/*.whl
	PYTHONPATH=build/wheel/site COUNTENANCE_TESTED_FROM=build/wheel/site \
		$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),-n 2 $(WHEEL_TESTS))

generate: $(DEV)
	$(BIN)/python scripts/generate.py

requirements:
	scripts/compile_requirements.sh

clean:
	rm -rf $(VENV) build dist var
