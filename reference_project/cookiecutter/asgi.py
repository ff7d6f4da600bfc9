"""The ASGI entry point: ``application``, with the production settings unless told otherwise."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cookiecutter.settings.production")

application = get_asgi_application()
