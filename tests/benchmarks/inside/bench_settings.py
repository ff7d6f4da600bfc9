"""The project's own settings, with the models that are compared, and quiet logs."""

from cookiecutter.settings.development import *
from cookiecutter.settings.environment import read_bool

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
LOGGING["root"]["level"] = "WARNING"
INSTALLED_APPS = [*INSTALLED_APPS, "tests.tracked", "simple_history", "auditlog", "benchmarked"]
DURABLE = read_bool("BENCH_DURABLE", False)
DATABASES["default"]["CONN_MAX_AGE"] = 600
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    INSTALLED_APPS += ["pgtrigger", "pghistory"]
else:
    DATABASES["default"]["OPTIONS"]["init_command"] = f"PRAGMA synchronous={'FULL' if DURABLE else 'OFF'};"
