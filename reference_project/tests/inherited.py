"""What processes that tests start inherit; all else in their environment is said by the test."""

import os

# The second is how coverage counts what such a process runs.
NAMES = ("PATH", "COVERAGE_PROCESS_CONFIG")


def inherit() -> dict[str, str]:
    """Read what a new process needs whatever it is to do.

    :returns: the variables, as far as they are set.
    """
    return {name: os.environ[name] for name in NAMES if name in os.environ}
