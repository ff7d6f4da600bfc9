"""Settings: ``development``, ``production`` and ``test`` each begin with all of ``base``."""
