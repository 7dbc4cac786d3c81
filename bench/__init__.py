"""The figures of the README, as ratios within one run: `python -m bench`."""
