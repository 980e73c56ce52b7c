# Assay. `make demo` and `make test` do all set-up on a bare Debian 12 machine.

SWIFT ?= swift
CONFIGURATION ?= release
BIN = $(shell $(SWIFT) build -c $(CONFIGURATION) --show-bin-path)
TASK ?= golf-mini
TRIALS ?= 40
TIME ?= 14m
INPUTS ?= 10000000
SEED ?= 1
MINUTES ?= 10
KILLS ?= 1000
AGENTS ?= 10000
RUNNERS ?= 1000
SECONDS ?= 60
STORED ?= 0
STATE ?= .assay/demo-$(TASK)

.DEFAULT_GOAL := help
.PHONY: help demo build test bench scale redteam study fuzz soak images portable fmt check protos protos-check clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## Watch recipes get better: TASK=golf-mini TRIALS=40 TIME=14m
	$(BIN)/assay run $(TASK) --trials $(TRIALS) --max-time $(TIME) --state $(STATE)
	$(BIN)/assay best --state $(STATE)

build: ## Install what is missing and build the programs (release)
	@tools/setup.sh build
	$(SWIFT) build -c $(CONFIGURATION)

test: ## Install what is missing, check generated code, build and run every test
	@tools/setup.sh test
	@tools/check.sh
	@tools/python-sdk.sh
	@tools/model-servers.sh
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --no-parallel

bench: ## Measure against the floor beneath: plain C nng, grpc-swift-2, a bare SQLite commit, bare bubblewrap
	@tools/setup.sh build
	$(SWIFT) build -c release
	$(SWIFT) build -c release --package-path Benchmarks/GRPCSwift
	$$($(SWIFT) build -c release --show-bin-path)/assay-bench

scale: ## AGENTS=10000 and RUNNERS=1000 that do no work load the real evaluator and lineage for SECONDS=60, after STORED=0 trials
	@tools/setup.sh build
	$(SWIFT) build -c release
	$$($(SWIFT) build -c release --show-bin-path)/assay-bench scale --agents $(AGENTS) --runners $(RUNNERS) --seconds $(SECONDS) --stored $(STORED)

redteam: ## Known attacks through real services and sandbox: each ends invalid by the right rule, honest work passes
	@tools/setup.sh test
	@tools/check.sh
	@tools/python-sdk.sh
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --no-parallel --filter 'RedTeamTests|DefenceTests|InspectionTests|SandboxTests|ForgeryTests|ProvenanceTests'

study: ## 400 trials that change nothing, through the real services: how many are kept
	@tools/setup.sh test
	@tools/python-sdk.sh
	$(SWIFT) build -c release
	.build/python/bin/python tools/study.py "$$($(SWIFT) build -c release --show-bin-path)" 400

fuzz: ## Hostile bytes for everything that reads bytes from outside: INPUTS=10000000 SEED=1
	@tools/setup.sh build
	$(SWIFT) build -c release --product assay-fuzz
	$$($(SWIFT) build -c release --show-bin-path)/assay-fuzz --inputs $(INPUTS) --seed $(SEED)

soak: ## Simulated fleets for MINUTES=10, then KILLS=1000 real processes killed while a run goes on, then a million calls in a storm
	@tools/setup.sh test
	$(SWIFT) build -c release --product assay-sim
	$$($(SWIFT) build -c release --show-bin-path)/assay-sim --from $(SEED) --seeds 100000 --minutes $(MINUTES)
	$(SWIFT) build --build-tests
	ASSAY_KILL_CYCLES=$(KILLS) ASSAY_KILL_SEED=$(SEED) $(SWIFT) test --skip-build --no-parallel --filter KillCycleTests
	$$($(SWIFT) build --show-bin-path)/assay-bench storm

images: build ## Container images of the release programs, on a Debian made of packages
	compose/images.sh $(BIN) --bootstrap

portable: ## One archive that runs where nothing can be installed: .build/assay-portable.tar.xz
	@tools/setup.sh build
	for product in assay assay-agent assay-evaluator assay-lineage assay-runner assay-sandbox; do \
	  $(SWIFT) build -c release --static-swift-stdlib --scratch-path .build-portable --product $$product || exit 1; \
	done
	tools/portable.sh "$$($(SWIFT) build -c release --static-swift-stdlib --scratch-path .build-portable --show-bin-path)" .build/assay-portable.tar.xz

fmt: ## Format the Swift sources in place
	$(SWIFT) format --in-place --parallel --recursive Sources Tests Benchmarks Fuzz Simulation Package.swift

check: ## Lint formatting, protos and imports; prove that committed generated code is current
	@tools/setup.sh test
	@tools/check.sh

protos: ## Regenerate C and Swift from proto/
	@tools/setup.sh test
	tools/protos.sh

clean: ## Remove build products
	rm -rf .build
