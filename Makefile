# make course    runs every notebook        make test    checks everything        make help    the rest
#
# Nothing is written outside this folder, but for pip's own cache. Works with GNU make 3.81 and later.

PYTHON ?= python3
FACEGEN_SCALE ?= laptop
LAST ?= notebooks/times.json

VENV := .venv
RUN := $(VENV)/bin/python
COLAB := .venv-colab/bin/python
STAMP := $(VENV)/.facegen-installed
TESTS := $(VENV)/.facegen-tests-installed
SITE := $(VENV)/.facegen-site-installed
OWN := $(CURDIR)/build/home
INSTALL = $(RUN) -m pip install --disable-pip-version-check
NOT_INSTALLED = { echo "pip could not install it. If it found no tensorflow, this Python is too new for it:"; \
  echo "make distclean, then  make setup PYTHON=python3.12"; exit 1; }
COURSE = FACEGEN_SCALE=$(FACEGEN_SCALE) $(RUN) tools/course.py $(if $(JOBS),--jobs $(JOBS))

# Jupyter, IPython, Matplotlib and Keras keep their settings here instead of in the home folder.
export JUPYTER_CONFIG_DIR := $(OWN)/jupyter/config
export JUPYTER_DATA_DIR := $(OWN)/jupyter/data
export JUPYTER_RUNTIME_DIR := $(OWN)/jupyter/runtime
export IPYTHONDIR := $(OWN)/ipython
export MPLCONFIGDIR := $(OWN)/matplotlib
export KERAS_HOME := $(OWN)/keras
export TF_CPP_MIN_LOG_LEVEL := 2
ifeq ($(strip $(HOME)),)
export HOME := $(OWN)
endif

.DEFAULT_GOAL := help
.PHONY: help setup wheel wheelhouse course exercises site slides nightly test-colab test bench reliability lab notebooks format check clean distclean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "PYTHON=python3.13 make setup      another Python than python3"
	@echo "JOBS=1 make course                so many notebooks (or tests) at a time; otherwise two"
	@echo "FACEGEN_SCALE=smoke make course   smoke: seconds, laptop: minutes a notebook, gpu: the full size"

setup: $(STAMP) ## install what the course needs into .venv, once

$(STAMP): pyproject.toml
	@$(RUN) -m pip --version >/dev/null 2>&1 || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "facegen needs Python 3.11 or newer; '$(PYTHON)' is `$(PYTHON) --version 2>&1`."; \
	    echo "Name another one:  make setup PYTHON=python3.12"; exit 1; }; \
	  $(PYTHON) -m venv --clear $(VENV) || { \
	    echo "Could not make $(VENV). On Debian and Ubuntu:  apt install python3-venv"; exit 1; }; }
	@$(INSTALL) --editable ".[lab]" || $(NOT_INSTALLED)
	@touch $@

$(TESTS): $(STAMP)
	@$(INSTALL) --editable ".[lab,test]" || $(NOT_INSTALLED)
	@touch $@

$(SITE): $(STAMP)
	@$(INSTALL) --editable ".[lab,site]" || $(NOT_INSTALLED)
	@touch $@

$(IPYTHONDIR):  # IPython warns where this is missing
	@mkdir -p $@

wheelhouse: $(STAMP) ## everything that make setup installs, for rooms without a network (docs/classroom.md)
	$(RUN) -m pip wheel --disable-pip-version-check --wheel-dir build/wheelhouse setuptools ".[lab]"

wheel: $(STAMP) ## the course as one file for Colab: facegen-*.whl, with its models, in build/wheel
	rm -rf build/wheel build/lib build/bdist.*
	$(RUN) -m pip wheel --disable-pip-version-check --no-deps --wheel-dir build/wheel .

course: $(STAMP) | $(IPYTHONDIR) ## run every notebook; the executed ones, and pages of them, go to build/course/
	@$(COURSE)

exercises: $(STAMP) | $(IPYTHONDIR) ## the learner's exercises into notebooks/, solutions and a graded set into build/exercises/
	@$(RUN) tools/exercises.py
	@$(RUN) tools/exercises.py --teacher build/exercises

site: $(SITE) ## notebooks, docs, the package, and toggles that work without Python, as pages in build/site/
	@$(RUN) tools/pages.py

slides: $(STAMP) ## the cells that are tagged "slide", as pages to be shown to a class, in build/slides/
	@$(RUN) tools/slides.py

nightly: $(STAMP) | $(IPYTHONDIR) ## run every notebook, and fail on a broken claim or on times that have grown
	@$(COURSE); status=$$?; $(RUN) tools/times.py --compare $(LAST) && exit $$status

test: $(TESTS) | $(IPYTHONDIR) ## check everything: style, package, and every notebook from top to bottom
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	@mkdir -p build
	$(RUN) -m pytest -n $(or $(JOBS),2) --dist loadscope --basetemp build/pytest

test-colab: ## the tests with the versions that Google Colab has, in an environment of their own
	@test -x $(COLAB) || $(PYTHON) -m venv .venv-colab
	$(COLAB) -m pip install --quiet --disable-pip-version-check --constraint constraints-colab.txt --editable ".[lab,test]"
	@mkdir -p build
	$(COLAB) -m pytest -n $(or $(JOBS),2) --dist loadscope --basetemp build/pytest-colab
	$(COLAB) tools/colab.py

bench: $(STAMP) ## measure time and memory beside what people would otherwise run; about half an hour
	$(RUN) benchmarks/run.py all

reliability: $(TESTS) ## kill trainings, fill disks and feed nonsense, by the thousand; some hours
	$(RUN) tests/long/kills.py --kills 50
	@if $(RUN) -c 'import jax' 2>/dev/null; then KERAS_BACKEND=jax $(RUN) tests/long/kills.py --kills 10; \
	  else echo 'Not tried on JAX, which is not here:  $(RUN) -m pip install --editable ".[jax]"'; fi
	$(RUN) tests/long/full_disk.py
	$(RUN) tests/long/downloads.py --downloads 500
	FACEGEN_EXAMPLES=10000 $(RUN) -m pytest -m fuzz --timeout 0

lab: $(STAMP) | $(IPYTHONDIR) ## open JupyterLab on the notebooks
	$(RUN) -m jupyterlab --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/notebooks \
	  $(if $(filter 0,$(shell id -u)),--allow-root)

notebooks: $(STAMP) | $(IPYTHONDIR) ## run every notebook, put the fresh outputs into notebooks/ and the times into docs/
	@$(COURSE) --write
	@$(RUN) tools/times.py --write

format: $(TESTS) ## bring the code into the form that make test asks for
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

check: ## look at this machine: what is missing, and the command that mends it
	@$(PYTHON) check_env.py

clean: ## remove executed notebooks and caches; data, trained models and .venv stay
	rm -rf build/course build/site build/slides build/.pages build/npm build/home build/pytest .pytest_cache .ruff_cache .hypothesis facegen.egg-info
	find . -name __pycache__ -not -path './.venv*/*' -prune -exec rm -rf {} +

distclean: clean ## remove all that can be made again: .venv, build/ with its models, clay data
	rm -rf $(VENV) .venv-colab build data/clay-* data/.facegen
