"""Folders: temporary ones whose owner holds a lock, so that those of a killed run are found and removed."""

import fcntl
import shutil
import tempfile
from pathlib import Path

LOCK = "lock"


class Folder:
    """A temporary folder that is this process's own until it is closed.

    :param prefix: what its name starts with.
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
        # Locked before it has its name: whoever looks for abandoned folders never finds it unlocked.
        making = self.path / f"{LOCK}.new"
        self._lock = making.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        making.rename(self.path / LOCK)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def remove_abandoned(prefix: str) -> None:
    """Remove the folders of processes that were killed before they could do it themselves."""
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*/{LOCK}"):
        try:
            with path.open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path.parent, ignore_errors=True)
        except OSError:
            continue  # in use, another user's, or gone meanwhile
