"""The serial port outside of the board: where it comes out, and who listens there."""
