"""From a blank board to a token: what is written to its flash, and where.

layout (what lies where), chips (what differs between the chips), app_image (our
firmware as a file system), micropython_image (the stock image, split), releases (the
images that are known).
"""
