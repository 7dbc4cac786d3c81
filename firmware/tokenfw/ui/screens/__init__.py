"""Drawing of screens: each module draws one from plain values, and keeps no state."""
