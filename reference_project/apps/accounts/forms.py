"""The forms of the admin site for users, who have an address instead of a user name."""

from typing import ClassVar

from django.contrib.auth.forms import AdminUserCreationForm

from apps.accounts.models import CustomUser


class UserCreationForm(AdminUserCreationForm):
    """Makes a user from an address and a password."""

    class Meta:
        model = CustomUser
        fields = ("email",)
        field_classes: ClassVar[dict[str, type]] = {}
