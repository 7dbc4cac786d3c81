"""The figures of docs/benchmarks.md, as ratios within one run: `python -m bench`."""
