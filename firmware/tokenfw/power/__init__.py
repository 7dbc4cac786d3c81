"""The battery and deep sleep."""
