"""Users and one-time passwords in the admin site."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from apps.accounts.forms import UserCreationForm
from apps.accounts.models import (
    OTP,
    CustomUser,
    ExtraData,
    LoginAttemptsHistory,
    LoginHistoryTrail,
    UserVisitHistory,
)
from apps.accounts.personal import delete_account

# The library shows the tokens themselves; whoever reads one is logged in as its user.
admin.site.unregister([OutstandingToken, BlacklistedToken])


@admin.register(CustomUser)
class CustomUserAdmin(UserAdmin):
    """Users."""

    add_form = UserCreationForm
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "email_verified", "is_active", "is_staff")
    list_filter = ("email_verified", "is_active", "is_staff", "is_superuser", "groups")
    search_fields = ("email", "first_name", "last_name", "phone_number")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (
            None,
            {
                "fields": ("email", "password", "email_verified"),
                "description": "Nobody can log in to an account whose address is not verified. To "
                "tick that for somebody who registered lets in whoever chose the password then.",
            },
        ),
        ("Person", {"fields": ("first_name", "last_name", "phone_number")}),
        (
            "Permissions",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("email", "email_verified", "usable_password", "password1", "password2")},
        ),
    )

    def delete_model(self, request: HttpRequest, obj: CustomUser) -> None:
        """Delete a user as users delete themselves: with everything that is kept of them.

        :param request: the request.
        :param obj: the user.
        """
        delete_account(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[CustomUser]) -> None:
        """Delete users, each with everything that is kept of them.

        :param request: the request.
        :param queryset: the users.
        """
        for user in queryset:
            delete_account(user)


@admin.register(OTP)
class OTPAdmin(admin.ModelAdmin):
    """One-time passwords, to look at; without the digits, as staff must not verify for others."""

    list_display = ("user", "active", "tries", "created_at", "updated_at")
    list_filter = ("active",)
    search_fields = ("user__email",)
    fields = ("user", "active", "tries", "created_at", "updated_at")
    readonly_fields = fields
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse to add: codes are issued by asking for them.

        :param request: the request.
        :returns: ``False``.
        """
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to change.

        :param request: the request.
        :param obj: the code, or none in particular.
        :returns: ``False``.
        """
        return False


class ActivityAdmin(admin.ModelAdmin):
    """What people did, to look at: nobody may rewrite it."""

    list_select_related = ("user",)
    search_fields = ("user__email", "ip_address")
    date_hierarchy = "timestamp"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse to add.

        :param request: the request.
        :returns: ``False``.
        """
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to change.

        :param request: the request.
        :param obj: the row, or none in particular.
        :returns: ``False``.
        """
        return False


@admin.register(LoginAttemptsHistory)
class LoginAttemptsHistoryAdmin(ActivityAdmin):
    """Tries to log in."""

    list_display = ("timestamp", "user", "successful", "refused", "ip_address", "location")
    list_filter = ("successful", "refused")


@admin.register(LoginHistoryTrail)
class LoginHistoryTrailAdmin(ActivityAdmin):
    """Tries to log in to accounts, as their owners see them."""

    list_display = ("timestamp", "user", "successful", "ip_address", "location")
    list_filter = ("successful",)


@admin.register(UserVisitHistory)
class UserVisitHistoryAdmin(ActivityAdmin):
    """Visits."""

    list_display = ("timestamp", "user", "url", "referer")
    search_fields = ("user__email", "url")


@admin.register(ExtraData)
class ExtraDataAdmin(ActivityAdmin):
    """What people logged in with."""

    list_display = ("timestamp", "user", "browser", "os", "device", "ip_address", "location")
