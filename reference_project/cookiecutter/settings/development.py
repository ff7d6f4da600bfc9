"""Settings for one's own machine: debug pages, any local host name, a key that protects nothing."""

from cookiecutter.settings.base import *
from cookiecutter.settings.environment import read_bool

DEBUG = read_bool("DEBUG", True)
SECRET_KEY = SECRET_KEY or "insecure-development-key-that-must-never-leave-this-machine"
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
