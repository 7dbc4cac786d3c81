"""Records on raw NOR flash: sectors used in turn, and a log that survives every power cut."""
