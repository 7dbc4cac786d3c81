"""The builds, and what tests of several kinds know of them."""

import json
from pathlib import Path

from guide.build import Build, builds
from tokenctl.boards.definition import Definition

ROOT = Path(__file__).parents[2]


BUILDS = {build.name: build for build in builds()}


def changed(name: str, **changes) -> Build:
    """A build with changes in its definition; None takes a key away."""
    whole = json.loads(json.dumps(BUILDS[name].whole)) | changes
    return Build(Definition({key: each for key, each in whole.items() if each is not None}))


def parts_of(name, *refs, **instead):
    """A build's parts without some, and with others in the place of some."""
    found = [each for each in BUILDS[name].whole["parts"] if each["ref"] not in refs]
    return [each | {"part": instead.get(each["ref"], each["part"])} for each in found]
