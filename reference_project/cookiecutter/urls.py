"""All URLs of the project, and the views for errors outside of any."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from apps.accounts.views.admin import log_in_to_admin
from apps.core.views.documentation import RedocView, SwaggerView
from apps.core.views.fallbacks import answer_unknown_path
from apps.core.views.health import answer_live, answer_ready

urlpatterns = [
    path("admin/login/", log_in_to_admin),
    path("admin/", admin.site.urls),
    path("health/live", answer_live, name="health-live"),
    path("health/ready", answer_ready, name="health-ready"),
    path("api/v1/accounts/", include("apps.accounts.urls")),
    path("api/v1/", include("apps.core.urls")),
    path("api/v1/", include("apps.documents.urls")),
    path("api/schema/", SpectacularAPIView.as_view(permission_classes=[]), name="schema"),
    path("api/docs/", SwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/redoc/", RedocView.as_view(url_name="schema"), name="redoc"),
    # Last: what no path above took.
    re_path(r"^api/", answer_unknown_path),
]

handler400 = "apps.core.views.fallbacks.answer_bad_request"
handler403 = "apps.core.views.fallbacks.answer_forbidden"
handler404 = "apps.core.views.fallbacks.answer_not_found"
handler500 = "apps.core.views.fallbacks.answer_server_error"
