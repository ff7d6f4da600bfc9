"""Keep data folders that were initialised once, so that each start copies one in place of making it."""

import fcntl
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def keep_template(cache: Path, key: str, make: Callable[[Path], None]) -> Path:
    """Return the folder kept under ``key``, making it first if nobody has.

    Processes may race for it: one makes it under a lock, in a folder that gets its name only once complete.

    Args:
        cache: where such folders are kept.
        key: names the program, its version and whatever else shaped the folder.
        make: fills the folder that it is given, which does not exist yet.
    """
    template = cache / key
    if not template.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / f"{key}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not template.is_dir():
                with tempfile.TemporaryDirectory(prefix=f".{key}-", dir=cache, ignore_cleanup_errors=True) as making:
                    make(Path(making) / "data")
                    (Path(making) / "data").rename(template)
    return template


def copy_template(cache: Path, key: str, make: Callable[[Path], None], target: Path) -> None:
    """Copy the folder kept under ``key`` (see :func:`keep_template`) to ``target``, which must not exist yet."""
    shutil.copytree(keep_template(cache, key, make), target, symlinks=True)
