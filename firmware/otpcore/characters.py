"""The characters of a text, one by one, at no cost in memory.

MicroPython keeps each character that a loop over a str, an index or chr() gives as a name, for
ever: of a thousand names in Chinese that would be half of a token's memory.
"""


def characters(text):
    """Yield each character of a str as a str."""
    for at in range(len(text)):
        yield text[at : at + 1]
