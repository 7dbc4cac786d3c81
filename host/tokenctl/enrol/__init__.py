"""The enrolment's room: what others wrote, read into enrolments."""
