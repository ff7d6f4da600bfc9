"""The login of the admin site, outside of any transaction."""

from django.contrib import admin
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse


@non_atomic_requests
def log_in_to_admin(request: HttpRequest) -> HttpResponse:
    """Log in to the admin site; each try is recorded at once, so that others count it.

    :param request: the request.
    :returns: the form, or the way into the site.
    """
    return admin.site.login(request)
