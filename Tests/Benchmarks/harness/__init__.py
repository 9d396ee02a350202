"""The parts of bench.py, in the order of their use: see Tests/Benchmarks/README.md."""
