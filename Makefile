# Everything a contributor or an operator runs. `make check` is exactly what CI runs.

PREFIX  ?= /usr/local
DESTDIR ?=
SWIFT   ?= swift
BIN      = $(DESTDIR)$(PREFIX)/bin
SHARE    = $(DESTDIR)$(PREFIX)/share
DOC      = $(SHARE)/doc/maintain-teams

.DEFAULT_GOAL := help
.PHONY: help setup build demo test sanitize lint format check install uninstall clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the system packages that the build and the tests need
	@sh docs/scripts/setup.sh

build: setup ## Build both programs for release, the standard library linked statically
	$(SWIFT) build -c release --static-swift-stdlib --product maintain-teams
	$(SWIFT) build -c release --static-swift-stdlib --product teams-token

demo: setup ## See it work: a sandbox, a database with a few connections, one pass
	@sh docs/scripts/demo.sh

test: setup ## Run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest

sanitize: setup ## Run all tests under AddressSanitizer, then each fuzz target for a while
	@sh docs/scripts/sanitize.sh

lint: setup ## Check the layers, the format and the scripts
	@sh docs/scripts/lint.sh

format: ## Put the sources into the project's format
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

check: lint build test sanitize demo ## All that CI runs: the above, one after the other

install: ## Install both programs, completions and samples (PREFIX, DESTDIR)
	@test -x .build/release/maintain-teams || { echo "run 'make build' first" >&2; exit 1; }
	install -d "$(BIN)" "$(DOC)"
	install -s -m 0755 .build/release/maintain-teams .build/release/teams-token "$(BIN)"
	install -m 0644 README.md LICENSE crontab.example docs/*.md docs/summary.schema.json "$(DOC)"
	@sh docs/scripts/install-completions.sh .build/release "$(SHARE)"

uninstall: ## Remove what `make install` installed
	rm -f "$(BIN)/maintain-teams" "$(BIN)/teams-token"
	rm -f "$(SHARE)"/bash-completion/completions/maintain-teams "$(SHARE)"/bash-completion/completions/teams-token
	rm -f "$(SHARE)"/zsh/site-functions/_maintain-teams "$(SHARE)"/zsh/site-functions/_teams-token
	rm -f "$(SHARE)"/fish/vendor_completions.d/maintain-teams.fish "$(SHARE)"/fish/vendor_completions.d/teams-token.fish
	rm -rf "$(DOC)"

clean: ## Remove everything built
	$(SWIFT) package clean
