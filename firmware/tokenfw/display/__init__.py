"""Drawing: small text, large codes and bars over a panel's frame buffer."""
