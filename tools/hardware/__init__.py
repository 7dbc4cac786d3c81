"""From the board definitions to everything that is drawn or listed of them: make hardware.

`python -m tools.hardware` writes firmware/board.json and hardware/builds. What is there is
rebuilt and compared in CI, so that a definition and its pictures cannot disagree.
"""
