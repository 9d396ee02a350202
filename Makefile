# Everything a contributor or an operator runs. `make check` is exactly what CI runs.

PREFIX  ?= /usr/local
DESTDIR ?=
SWIFT   ?= swift
RUNS    ?= 5
export PREFIX DESTDIR

.DEFAULT_GOAL := help
.PHONY: help setup build demo test budget sanitize lint format tools check install uninstall deb package-test bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the system packages that the build and the tests need
	@sh docs/scripts/setup.sh

build: setup ## Build both programs for release, the standard library linked statically
	$(SWIFT) build -c release --static-swift-stdlib --product maintain-teams
	$(SWIFT) build -c release --static-swift-stdlib --product teams-token
	$(SWIFT) build -c release --static-swift-stdlib --product teams-manual

demo: setup ## See it work: a sandbox, a database with a few connections, one pass
	@sh docs/scripts/demo.sh

# Unbounded, hundreds of tests start programs at the same time and wait for each other.
test: export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH = 8
test: setup ## Run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest

budget: build ## Count the instructions of a refresh and compare them with the kept number (20 s)
	@sh docs/scripts/setup.sh valgrind binutils
	@sh docs/scripts/instructions.sh .build/release

sanitize: setup ## Run all tests under AddressSanitizer, then each fuzz target for a while
	@sh docs/scripts/sanitize.sh

lint: setup ## Check the layers, the format and the scripts
	@sh docs/scripts/lint.sh

format: ## Put the sources into the project's format
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

package-test: build tools ## Install the Debian package in a machine of its own and let cron run it (root, 3 minutes)
	$(SWIFT) build --product teams-sandbox
	@sh docs/scripts/package-test.sh .build/release .build/debug

bench: build ## Measure whole programs beside others (20 minutes, RUNS=5) and renew docs/performance.md
	@sh docs/scripts/setup.sh gcc libnginx-mod-http-lua python3-msal golang-go golang-golang-x-oauth2-dev \
	    nghttp2-client strace gnuplot-nox
	/usr/bin/python3 Tests/Benchmarks/bench.py --runs $(RUNS) --page docs/performance.md

# Where systemd runs, installing these would start them: install them yourself, or do without.
tools: setup
	@[ -d /run/systemd/system ] || sh docs/scripts/setup.sh \
	    adduser cron dpkg-dev lintian logrotate prometheus prometheus-node-exporter

check: lint build tools budget test sanitize package-test demo ## All that CI runs: the above, one after the other

install: ## Install programs, man pages, completions and samples (PREFIX, DESTDIR)
	@sh docs/scripts/install.sh install .build/release

uninstall: ## Remove what `make install` installed
	@sh docs/scripts/install.sh uninstall .build/release

deb: build ## Build a Debian package, .build/deb/*.deb
	@sh docs/packaging/deb.sh .build/release .build/deb

clean: ## Remove everything built
	$(SWIFT) package clean
