"""From the board definitions to everything that is drawn or listed of them: make hardware.

`python -m guide` writes firmware/board.json and hardware/builds: pictures, the netlist and its
check, parts, assembly, budget. A test makes it all anew and compares, so that a definition and
its pictures cannot disagree.
"""
