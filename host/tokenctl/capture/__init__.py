"""Enrolments from the desktop: the screen, a camera, the clipboard."""
