"""The accounts part of the API."""

from django.urls import path

from apps.accounts.views.me import MeView
from apps.accounts.views.registration import CodeView, RegisterView, VerifyView
from apps.accounts.views.tokens import RefreshView, TokenView

app_name = "accounts"
urlpatterns = [
    path("register/", RegisterView.as_view(), name="register"),
    path("otp/", CodeView.as_view(), name="otp"),
    path("verify/", VerifyView.as_view(), name="verify"),
    path("token/", TokenView.as_view(), name="token"),
    path("token/refresh/", RefreshView.as_view(), name="token-refresh"),
    path("me/", MeView.as_view(), name="me"),
]
