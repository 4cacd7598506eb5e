# 科枢. `make run` serves the demonstration, `make test` proves the house; the rest is for those who work on it.
SHELL := /bin/bash
PY := .venv/bin/python
PIP := .venv/bin/pip --disable-pip-version-check -q
PORT ?= 8000

.PHONY: help run setup test quick lint types floors bench peers replay lock clean migrations

help:
	@echo "make run      启动演示（http://127.0.0.1:$(PORT)）"
	@echo "make setup    装好运行所需"
	@echo "make test     全部检查：格式、类型、楼层、SQLite、PostgreSQL、浏览器"
	@echo "make quick    90 秒内的检查"
	@echo "make replay   把公布的数从台账重新算一遍，逐条去掉条件、删去记录"
	@echo "make bench    速度，和别的做法同场比"

.venv/made:
	@echo "[1/4] 建 Python 环境"
	@python3 -m venv .venv
	@touch $@

.venv/run: .venv/made requirements/run.txt pyproject.toml
	@echo "[2/4] 装 Python 依赖（带校验）"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-build-isolation --no-deps --no-index -e .
	@touch $@

node_modules/made: package.json package-lock.json
	@echo "[3/4] 装前端依赖"
	@npm ci --silent --no-audit --no-fund
	@touch $@

keshu/desk/static/vendor/made: node_modules/made frontend/build.mjs
	@echo "[4/4] 生成静态文件"
	@npm run --silent build
	@touch $@

setup: .venv/run keshu/desk/static/vendor/made

run: setup
	@PORT=$(PORT) .venv/bin/keshu serve

.venv/test: .venv/run requirements/test.txt requirements/lake.txt
	@$(PIP) install --require-hashes -r requirements/test.txt
	@$(PIP) install --require-hashes -r requirements/lake.txt
	@touch $@

lint: .venv/test
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

types: .venv/test
	@.venv/bin/mypy

floors: .venv/test
	@.venv/bin/lint-imports --no-cache | tail -n 4

migrations: .venv/test
	@KESHU_HOME=$$(mktemp -d) $(PY) -m keshu.cli.main manage makemigrations --check --dry-run

test: .venv/test keshu/desk/static/vendor/made lint types floors migrations
	@$(PY) tests/run.py full

quick: .venv/test keshu/desk/static/vendor/made
	@$(PY) tests/run.py quick

replay: .venv/test
	@$(PY) -m tests.replay

bench: .venv/test
	@$(PY) -m bench

# Other people's software that a bench measures beside ours, in an environment of its own: nothing here imports it.
peers: requirements/peers.txt
	@python3 -m venv .venv-peers
	@.venv-peers/bin/pip --disable-pip-version-check -q install --require-hashes -r requirements/peers.txt

lock:
	@cd requirements && for f in run test lake peers; do ../.venv/bin/pip-compile -q --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --strip-extras -o $$f.txt $$f.in; done

clean:
	@rm -rf .venv .venv-peers node_modules keshu/desk/static/vendor build *.egg-info
