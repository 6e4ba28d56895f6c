# One command to set up, one to test, one to see it work. Needs python3, make and a package index.
# Python 3.10 to 3.13: make test PYTHON=3.11. The default's environment is .venv, another's .venv-3.11.
DEFAULT := $(shell cat .python-version)
PYTHON  ?= $(DEFAULT)
VENV    := .venv$(if $(filter-out $(DEFAULT),$(PYTHON)),-$(PYTHON))
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready-$(PYTHON)
# One BLAS thread per process: Lava starts many processes, and two threads on two cores are slower than one.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME
export PATH := $(PATH):$(CURDIR)/.venv-uv/bin

.PHONY: setup demo test test-nolava lint docs faults soak bench lock clean

# uv finds or fetches the Python that is wanted; where it can do neither, any that works stands in for the default.
define new-environment
@command -v uv >/dev/null || { (cd / && python3 -m venv "$(CURDIR)/.venv-uv") && .venv-uv/bin/python -m pip install --quiet uv; }
PYENV_VERSION=$(PYTHON) uv venv --quiet --clear --python $(PYTHON) $(1) || \
    { test $(PYTHON) = $(DEFAULT) && cd / && uv venv --quiet --clear --python '>=3.10,<3.14' "$(CURDIR)/$(1)"; }
uv pip sync --quiet --python $(1)/bin/python --require-hashes requirements.lock
uv pip install --quiet --python $(1)/bin/python --no-deps --no-build-isolation -e .
endef

setup: $(READY)

$(READY): requirements.lock lava.lock pyproject.toml .python-version
	$(call new-environment,$(VENV))
	@# Lava's metadata refuses Python 3.11 and newer, where it works: uv is told to choose as for 3.10.
	uv pip install --quiet --python $(BIN)/python --no-deps --python-version 3.10 --require-hashes -r lava.lock
	@# Half a minute, ahead of time: the first training would wait for it.
	@$(BIN)/python -c "from neuro_bpdl.kernels.fixed.warm_up import warm_up; warm_up()" & \
	    $(BIN)/python -c "from neuro_bpdl.kernels.float.warm_up import warm_up; warm_up(), warm_up('float32')" && wait $$!
	@touch $@

demo: setup            ## train, generate, compare and report on the embedded data
	$(BIN)/neuro-bpdl demo

test: setup            ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile -q

test-nolava:           ## the tests that need no Lava, where it is not installed (PYTHON=3.11 or newer)
	$(call new-environment,$(VENV)-nolava)
	$(VENV)-nolava/bin/python -m pytest -n 2 --dist loadfile -q

lint: setup            ## style and types
	$(BIN)/ruff check .
	$(BIN)/mypy neuro_bpdl processes faults

docs: setup            ## the documentation site, strict, with every example run: build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

faults: setup          ## attacks on real processes: signals, full disks, two writers, kill -9, changed files (15 minutes)
	$(BIN)/python -m faults

soak: setup            ## 500 Lava trainings in one process: no memory, descriptor or shared memory may stay (10 minutes)
	$(BIN)/python -m faults.soak

bench: setup           ## speed, as ratios measured in one run
	$(BIN)/neuro-bpdl bench fused

lock:                  ## refresh requirements.lock (hashes, no addresses)
	uv pip compile pyproject.toml --extra dev --extra nengo --extra nir --extra dask --extra control --extra docs \
	    --universal --python-version 3.10 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet \
	    --output-file requirements.lock

clean:
	find neuro_bpdl -name '*.nb[ic]' -delete
	rm -rf .venv .venv-* build *.egg-info .pytest_cache .hypothesis .ruff_cache .mypy_cache
