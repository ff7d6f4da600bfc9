"""Benchmarks: what is measured side by side in one run, in shuffled order. `make bench` prints it."""
