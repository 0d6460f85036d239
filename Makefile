# What a developer runs. Everything else is `swift build` and `swift test` as usual.

CHECKS := --explicit-target-dependency-import-check error
# With Swift's own libraries inside: a server needs only Debian's, and the program takes 2 MB less.
RELEASE := -c release --static-swift-stdlib
# All at once would start hundreds of servers, and their waits would measure the machine.
TESTS_AT_ONCE := 10
SOURCES := Package.swift Sources Tests $(wildcard Benchmarks)

.PHONY: help build test test-long demo soak benchmark format lint tools clean

help:
	@echo "make build      the program, for this machine"
	@echo "make test       what is missing is installed; then format, warnings, all tests"
	@echo "make test-long  also the tests that take long"
	@echo "make demo       real servers, three mailboxes, mail in and out, in a minute"
	@echo "make soak       50 mailboxes moved, cut off and killed for 30 minutes (SOAK=\"--minutes 1 --mailboxes 5\" for a short one)"
	@echo "make benchmark  Postbote beside mbsync, Postfix and a bare reader; some minutes on a quiet machine"
	@echo "make format     the sources as they should look"

build: tools
	swift build $(RELEASE) --product postbote $(CHECKS)

test: tools lint
	swift build --build-tests $(CHECKS)
	scripts/run-tests --experimental-maximum-parallelization-width $(TESTS_AT_ONCE)

test-long: export POSTBOTE_LONG_TESTS = 1
test-long: test

demo: tools
	swift build $(RELEASE) --product postbote
	swift build $(RELEASE) --product demo
	exec "$$(swift build -c release --show-bin-path)/demo"

soak: tools
	swift build $(RELEASE) --product postbote
	swift build $(RELEASE) --product soak
	exec "$$(swift build -c release --show-bin-path)/soak" $(SOAK)

benchmark:
	@scripts/install-dependencies benchmark
	swift build $(RELEASE) --product postbote
	swift build $(RELEASE) --product benchmark
	exec "$$(swift build -c release --show-bin-path)/benchmark" $(BENCHMARK)

format:
	swift format --in-place --recursive --parallel $(SOURCES)

lint:
	swift format lint --strict --recursive --parallel $(SOURCES)

tools:
	@scripts/install-dependencies

clean:
	swift package clean
