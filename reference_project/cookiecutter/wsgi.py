"""The WSGI entry point: ``application``, with the production settings unless told otherwise."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cookiecutter.settings.production")

application = get_wsgi_application()
