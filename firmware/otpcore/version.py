"""The one version number: of the firmware, the host tools and the wheel."""

VERSION = "0.1.0"
