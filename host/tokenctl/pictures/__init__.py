"""QR codes in pictures.

    file_type   what kind of file it is
    reader      passes files to a process of its own, and waits for it   <- what others call
    worker      that process, with its limits
    decoder     from a file to codes
    pages       from a file to pages in grey: Pillow, pypdfium2
    passes      from a page to codes: zxing-cpp, and what helps where it finds nothing
    finder_patterns, cropping   codes cut out at their three finder patterns
    regions     patches of a page that may be a code
    threshold   which greys are dark

    codes       one code: a text, or a part of one
    symbol, reed_solomon   from its modules to its data
    segments, charsets     from its data to bytes, and to a text
    structured_append      texts that are split over several codes

Nothing outside the process imports worker to threshold: untrusted bytes stay there.
"""

from tokenctl.pictures.charsets import ASSUMED as CHARSET_ASSUMED
from tokenctl.pictures.file_type import HEAD, is_picture
from tokenctl.pictures.reader import Reader, read_codes
from tokenctl.pictures.structured_append import Reading

__all__ = ["CHARSET_ASSUMED", "HEAD", "Reader", "Reading", "is_picture", "read_codes"]
