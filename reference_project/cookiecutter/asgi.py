"""The ASGI entry point: ``application``, with the production settings unless told otherwise."""

import os

from django.core.asgi import get_asgi_application

from cookiecutter.settings.environment import prefer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cookiecutter.settings.production")
# Under ASGI each request may run in another thread, so a kept connection would seldom be met again.
prefer(DATABASE_CONN_MAX_AGE=0)

application = get_asgi_application()
