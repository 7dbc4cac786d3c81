"""The simulated serial port's link in the file system."""

import os
from pathlib import Path

from tokensim.link.link import PtyLink


def test_the_link_goes_when_the_token_ends(tmp_path: Path):
    path = tmp_path / "port"
    link = PtyLink(path)
    assert link.name == str(path)
    assert os.readlink(path).startswith("/dev/")
    link.close()
    assert not path.is_symlink()


def test_a_link_that_another_token_took_over_stays(tmp_path: Path):
    path = tmp_path / "port"
    first = PtyLink(path)
    second = PtyLink(path)
    first.close()
    assert path.is_symlink()
    second.close()
    assert not path.is_symlink()
