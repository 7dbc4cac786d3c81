"""The commands of tokenctl, by what they are about."""
