"""Loopback imitations of the outside, in its wire formats: for the demo, the tests and the benchmarks."""
