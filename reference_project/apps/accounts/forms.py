"""The forms of the admin site for users, who have an address instead of a user name."""

from typing import ClassVar

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm

from apps.accounts.models import CustomUser


class UserCreationForm(AdminUserCreationForm):
    """Makes a user from an address and a password, who can log in at once unless told otherwise."""

    email_verified = forms.BooleanField(
        required=False,
        initial=True,
        help_text="You vouch that the address is theirs, so that they can log in at once. Without "
        "it, they first have to ask for a code, and enter it.",
    )

    class Meta:
        model = CustomUser
        fields = ("email", "email_verified")
        field_classes: ClassVar[dict[str, type]] = {}
