"""A temporary folder that is gone at the end, and after a kill at the next start."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "backchannel-scratch-"
_NEW = 60.0
"""Seconds that a folder is left alone: its owner may not hold it yet."""


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for files that nothing needs afterwards; raises OSError.

    Its owner holds a lock on it (flock(2)), which ends with the process: what a killed one left is swept here.
    """
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(held)


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        if _abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False  # another user's, or gone meanwhile
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return time.time() - os.fstat(held).st_mtime > _NEW
    except OSError:
        return False
    finally:
        os.close(held)
