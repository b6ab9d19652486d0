# Picture Desk's developer verbs: `make` lists them. Needs GNU make 4.0 or later,
# bash, and a folder without spaces in its path.

ifeq ($(filter oneshell,$(.FEATURES)),)
$(error GNU make 4.0 or later is needed; this is $(MAKE_VERSION))
endif

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Where Python is told to keep no compiled modules, each process would compile torch and open_clip anew: 12 s instead of 5.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
INSTALL := $(UV) pip install --python $(BIN)/python
LOCKED := $(INSTALL) --no-deps --require-hashes

# The torch that this .venv has, or the locked one. Named here so that it is chosen once, not with each verb.
INSTALLED := $(patsubst $(VENV)/.torch-%,%,$(wildcard $(VENV)/.torch-*))
TORCH ?= $(or $(INSTALLED),cuda)

# uv brings certificates of its own; where the system keeps some, as behind a company's proxy, those count.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
endif

##@ Try it
.PHONY: demo
demo: setup ## a library of drawn scenes, indexed and asked; ARGS=--serve keeps it open in the browser
	@$(BIN)/picturedesk demo $(ARGS)

.PHONY: serve
serve: setup ## the API and the web app, as the environment and .env set them; ARGS=… goes to picturedesk serve
	@$(BIN)/picturedesk serve $(ARGS)

# Two processes, each with whole files, in the order of their folders: the long ones come first.
AT_ONCE := --numprocesses=2 --dist=loadfile --no-loadscope-reorder

##@ Work on it
.PHONY: test
test: check services ## every check and every test; ARGS='-k name' chooses tests
	@$(BIN)/python -m pytest $(AT_ONCE) $(ARGS)

.PHONY: check
check: $(VENV)/.dev ## format, lint, types, and which module may import which
	@$(BIN)/ruff format --check --quiet . || { echo 'Format with: $(BIN)/ruff format'; exit 1; }
	$(BIN)/ruff check --quiet .
	contracts=$$($(BIN)/lint-imports 2>&1) || { echo "$$contracts"; exit 1; }
	$(BIN)/mypy

.PHONY: services
services:
	@.ci/services

.PHONY: bench
bench: $(VENV)/.dev ## the benchmarks; ONLY=name runs one
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(ARGS)

.PHONY: demo-encoder
demo-encoder: setup ## train the demo encoder that the project ships
	@$(BIN)/python -m rag.encoding.training $(ARGS)

##@ Keep it
.PHONY: setup
setup: $(VENV)/.run ## what running needs, into .venv; TORCH=cpu takes a torch without CUDA (5 GB less on Linux)
	@:

.PHONY: lock
lock: $(VENV)/.tools ## requirements/ from pyproject.toml; ARGS=--upgrade takes the newest of everything
	@$(BIN)/python requirements/lock.py $(UV) $(ARGS)

.PHONY: clean
clean: ## remove .venv and every cache; never data/
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## "; print "make VERB" }
	/^##@ / { printf "\n%s\n", substr($$0, 5) }
	/^[a-z-]+:.*## / { printf "  %-13s %s\n", substr($$1, 1, index($$1 ":", ":") - 1), $$2 }' $(firstword $(MAKEFILE_LIST))

# Each stamp in .venv says that the locks beside it are installed, so a second run does nothing.

$(VENV)/.tools: requirements/build.txt
	@for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi
	done
	[ -n "$${python:-}" ] || { echo 'Python 3.11 or later is needed (on Debian: apt-get install python3 python3-venv); PYTHON=/path/to/it names one.' >&2; exit 1; }
	"$$python" -c 'import ensurepip, venv' 2>/dev/null || { echo "$$python cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	echo "Setting up $(VENV) with $$("$$python" --version)"
	"$$python" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	touch $@

$(VENV)/.base: $(VENV)/.tools requirements/base.txt
	@$(call shortly,$(LOCKED) -r requirements/base.txt)
	touch $@

$(VENV)/.torch-cuda: $(VENV)/.base requirements/torch.txt
	@$(refuse-another-torch)
	[ "$$(uname -s)" != Linux ] || echo 'torch with its CUDA libraries: about 3 GB to download, 5 GB installed; TORCH=cpu takes a small one'
	$(call shortly,$(LOCKED) -r requirements/torch.txt)
	touch $@

# The CPU wheels are on an index of torch's own, which uv knows by this option; hashes are not checked there.
$(VENV)/.torch-cpu: $(VENV)/.base requirements/torch.txt
	@$(refuse-another-torch)
	$(call shortly,$(INSTALL) --no-deps --torch-backend=cpu $$(grep -oE '^(torch|torchvision)==[^ ;]+' requirements/torch.txt)) ||
	  { echo 'The CPU build of torch could not be had: its index, not the usual one, must be reachable. Without TORCH=cpu the locked build is used.' >&2; exit 1; }
	touch $@

$(VENV)/.torch-%:
	@echo 'TORCH is cpu or cuda, not $*.' >&2
	exit 1

$(VENV)/.run: $(VENV)/.torch-$(TORCH) pyproject.toml
	@$(INSTALL) --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@$(call shortly,$(LOCKED) -r requirements/dev.txt)
	touch $@

# uv's own progress without its list of every package.
shortly = $(1) 2>&1 | sed '/^ [-+~] /d'

define refuse-another-torch
for other in $(filter-out $(TORCH),$(INSTALLED)); do
  echo "$(VENV) has TORCH=$$other; to change it, run: make clean" >&2; exit 1
done
endef
