"""The names of the firmware's files that run a release, beside what it is made of."""

MAIN = "main.py"
DEVELOPMENT_MAIN = "development.py"  # main.py of a development build
LOADER_SOURCE = "units.py"
