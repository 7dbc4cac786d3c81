"""A token as a program sees it: the port, the link, its methods, and what it answers."""
