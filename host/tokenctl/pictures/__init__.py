"""QR codes in pictures.

    kinds     what kind of file it is
    reader    hands files to a process of its own, and waits for it   <- what others call
    worker    that process, with its limits
    decoder   from a file to texts
    pages     from a file to pages in grey: Pillow, pypdfium2
    looks     from a page to texts: zxing-cpp, and what helps where it sees nothing
    islands   patches of a page that may be a code

Nothing outside the process imports the last five: a stranger's bytes stay there.
"""

from tokenctl.pictures.kinds import HEAD, is_picture
from tokenctl.pictures.reader import Reader, Reading, read_codes

__all__ = ["HEAD", "Reader", "Reading", "is_picture", "read_codes"]
