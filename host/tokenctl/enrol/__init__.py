"""Enrolment: what others wrote, read so that it never becomes another account."""
