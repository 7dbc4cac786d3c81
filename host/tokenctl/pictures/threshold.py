"""Levels of grey: which are dark, and which are light."""


def otsu(histogram: list[int]) -> int:
    """Return the level that best separates dark from light (Otsu 1979)."""
    total = sum(histogram)
    whole = sum(level * count for level, count in enumerate(histogram))
    below = sum_below = best = 0
    threshold = 127
    for level, count in enumerate(histogram):
        below += count
        sum_below += level * count
        above = total - below
        if not below or not above:
            continue
        apart = sum_below / below - (whole - sum_below) / above
        between = below * above * apart * apart
        if between > best:
            best, threshold = between, level
    return threshold
