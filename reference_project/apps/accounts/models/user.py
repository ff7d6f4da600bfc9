"""The CustomUser model: a person with an account."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from apps.accounts.fields import AddressField
from apps.accounts.managers import CustomUserManager


class CustomUser(AbstractBaseUser, PermissionsMixin):
    """A person with an account, known by an e-mail address.

    Logging in takes an account that is active *and* whose address was verified.

    .. testcode::

        from apps.accounts.models import CustomUser

        user = CustomUser.objects.create_user("ada@example.org", "correct horse battery")
        print(user)
        print(CustomUser.objects.get(email="ADA@example.org") == user)

    .. testoutput::

        ada@example.org
        True
    """

    email = AddressField(
        unique=True,
        error_messages={"unique": "Somebody already has this e-mail address."},
        help_text="The address to log in with, in lower case.",
    )
    first_name = models.CharField(max_length=150, blank=True, help_text="The given name.")
    last_name = models.CharField(max_length=150, blank=True, help_text="The family name.")
    phone_number = models.CharField(
        max_length=16,
        blank=True,
        validators=[
            RegexValidator(
                r"\A\+[1-9][0-9]{6,14}\Z",
                "Write the number with its country code and digits only, like +14155550123.",
            )
        ],
        help_text="The phone number in E.164 form, like +14155550123.",
    )
    is_active = models.BooleanField(
        default=True, help_text="Switch off to close the account without deleting it."
    )
    is_staff = models.BooleanField(default=False, help_text="Whether the admin site lets them in.")
    email_verified = models.BooleanField(
        default=False, help_text="Whether the address was shown to be theirs."
    )
    record_visits = models.BooleanField(
        default=True, help_text="Whether the pages they visit are remembered."
    )
    pending_email = AddressField(
        blank=True,
        default="",
        editable=False,
        help_text="The address that is to replace it, until that is confirmed.",
    )
    pending_registrations = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="How many registrations wait for a code; 0 for what was verified once, or was "
        "not made by registering.",
    )
    date_joined = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When the account was made."
    )

    objects = CustomUserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "user"
        verbose_name_plural = "users"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the user; an account whose address is verified is no mere registration any more.

        :param args: as for any model.
        :param kwargs: as for any model.
        """
        if self.email_verified:
            self.pending_registrations = 0
            fields = kwargs.get("update_fields")
            if fields is not None and "email_verified" in fields:
                kwargs["update_fields"] = {*fields, "pending_registrations"}
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """Say how to address this person.

        :returns: first and last name; an empty text when neither is known.
        """
        return f"{self.first_name} {self.last_name}".strip()
