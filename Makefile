# One command to set up, one to test, one to see it work. Needs python3, make and a package index.
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# One BLAS thread per process: Lava starts many processes, and two threads on two cores are slower than one.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

.PHONY: setup demo test test-nolava lint bench lock clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml .python-version
	@command -v uv >/dev/null || test -x $(VENV)-uv/bin/uv || \
	    { python3 -m venv $(VENV)-uv && $(VENV)-uv/bin/python -m pip install --quiet uv; }
	PATH="$$PATH:$(CURDIR)/$(VENV)-uv/bin" uv venv --quiet --allow-existing --python "$$(cat .python-version)" $(VENV)
	PATH="$$PATH:$(CURDIR)/$(VENV)-uv/bin" uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	PATH="$$PATH:$(CURDIR)/$(VENV)-uv/bin" uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: setup            ## train, generate, compare and report on the embedded data
	$(BIN)/neuro-bpdl demo

test: setup            ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile -q

# Everything but the Lava backend also runs on newer Pythons: make test-nolava PYTHON=3.12
PYTHON ?= 3.12
NOLAVA := .venv-$(PYTHON)
test-nolava:           ## the tests that need no Lava, on another Python
	@command -v uv >/dev/null || test -x $(VENV)-uv/bin/uv || \
	    { python3 -m venv $(VENV)-uv && $(VENV)-uv/bin/python -m pip install --quiet uv; }
	PATH="$$PATH:$(CURDIR)/$(VENV)-uv/bin" uv venv --quiet --allow-existing --python $(PYTHON) $(NOLAVA)
	PATH="$$PATH:$(CURDIR)/$(VENV)-uv/bin" uv pip install --quiet --python $(NOLAVA)/bin/python -e '.[dev]'
	$(NOLAVA)/bin/python -m pytest -n 2 --dist loadfile -q

lint: setup            ## style and types
	$(BIN)/ruff check .
	$(BIN)/mypy neuro_bpdl

bench: setup           ## speed, as ratios measured in one run
	$(BIN)/neuro-bpdl bench fused

lock:                  ## refresh requirements.lock (hashes, no addresses)
	uv pip compile pyproject.toml --extra dev --extra nengo --extra nir --extra dask \
	    --python-version 3.10 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet \
	    --output-file requirements.lock

clean:
	rm -rf $(VENV) $(VENV)-uv .venv-3* build *.egg-info .pytest_cache .hypothesis .ruff_cache .mypy_cache
