"""From a blank board to a token: what is written to its flash, and how.

layout (what lies where), chips (what differs between the chips), app_image (our
firmware as a file system), micropython_image (the stock image, split), image_header and
image_fit (whether it starts on a board), releases (the known images), micropython_source
(which one a board gets), image_cache, download and partial_file (how it gets here), plan
(what goes where, and what the vault partition holds), occupant (whether somebody's
firmware is there), loader (the board, through esptool; at loader_port), flasher (the
whole process), wiring (for which one a board has firmware), file_ownership,
firmware_files (the firmware that is on a board, and its version), verification (whether
a board is as released).
"""
