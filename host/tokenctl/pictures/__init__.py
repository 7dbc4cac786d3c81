"""QR codes in pictures.

    kinds     what kind of file it is
    reader    passes files to a process of its own, and waits for it   <- what others call
    worker    that process, with its limits
    decoder   from a file to codes
    pages     from a file to pages in grey: Pillow, pypdfium2
    passes    from a page to codes: zxing-cpp, and what helps where it finds nothing
    cores, cutting   codes cut out at their three finders
    regions   patches of a page that may be a code
    levels    which greys are dark

    codes     one code: a text, or a part of one
    symbol, reed_solomon   from its modules to its data
    segments, charsets     from its data to bytes, and to a text
    sets      texts that are split over several codes

Nothing outside the process imports worker to levels: untrusted bytes stay there.
"""

from tokenctl.pictures.charsets import ASSUMED as CHARSET_ASSUMED
from tokenctl.pictures.kinds import HEAD, is_picture
from tokenctl.pictures.reader import Reader, Reading, read_codes

__all__ = ["CHARSET_ASSUMED", "HEAD", "Reader", "Reading", "is_picture", "read_codes"]
