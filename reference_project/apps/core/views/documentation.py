"""The pages that describe the API, allowed as much as their scripts need and no more."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView


@method_decorator(csp_update({"style-src": [UNSAFE_INLINE]}), name="dispatch")
class SwaggerView(SpectacularSwaggerView):
    """Swagger UI; its own script, which is part of the page, carries a nonce."""

    template_name = "core/swagger.html"
    permission_classes = ()


# Redoc writes styles as it draws, and searches in a worker that it makes from a string.
@method_decorator(
    csp_update({"style-src": [UNSAFE_INLINE], "worker-src": [SELF, "blob:"]}), name="dispatch"
)
class RedocView(SpectacularRedocView):
    """Redoc."""

    template_name = "core/redoc.html"
    permission_classes = ()
