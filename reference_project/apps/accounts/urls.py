"""The accounts part of the API."""

from django.db.transaction import non_atomic_requests
from django.urls import path

from apps.accounts.views.activity import LoginsView, VisitsView
from apps.accounts.views.addresses import AddressConfirmView, AddressView
from apps.accounts.views.me import DeletionView, ExportView, MeView
from apps.accounts.views.passwords import (
    PasswordResetConfirmView,
    PasswordResetView,
    PasswordView,
)
from apps.accounts.views.registration import CodeView, RegisterView, VerifyView
from apps.accounts.views.tokens import RefreshView, RevokeView, TokenView

app_name = "accounts"
urlpatterns = [
    path("register/", RegisterView.as_view(), name="register"),
    path("otp/", CodeView.as_view(), name="otp"),
    path("verify/", VerifyView.as_view(), name="verify"),
    # The record of a try must stay when the answer is an error, and be seen by all others at once.
    path("token/", non_atomic_requests(TokenView.as_view()), name="token"),
    path("token/refresh/", RefreshView.as_view(), name="token-refresh"),
    path("token/revoke/", RevokeView.as_view(), name="token-revoke"),
    path("password/reset/", PasswordResetView.as_view(), name="password-reset"),
    path(
        "password/reset/confirm/",
        PasswordResetConfirmView.as_view(),
        name="password-reset-confirm",
    ),
    path("email/confirm/", AddressConfirmView.as_view(), name="email-confirm"),
    path("me/", MeView.as_view(), name="me"),
    path("me/password/", PasswordView.as_view(), name="password"),
    path("me/email/", AddressView.as_view(), name="email"),
    path("me/export/", ExportView.as_view(), name="export"),
    path("me/deletion/", DeletionView.as_view(), name="deletion"),
    path("me/logins/", LoginsView.as_view(), name="logins"),
    path("me/visits/", VisitsView.as_view(), name="visits"),
]
