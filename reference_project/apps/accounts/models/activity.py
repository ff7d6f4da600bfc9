"""What is remembered of people: their logins, their visits, and what they came with."""

from typing import Any

from django.conf import settings
from django.core.validators import validate_ipv46_address
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

URL_LENGTH = 500
AGENT_LENGTH = 500


class CheckedAddressField(models.GenericIPAddressField):
    """An IP address that is checked as it is written, on every database.

    PostgreSQL refuses what is no address; the columns of SQLite and MariaDB take any text.
    """

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """Check a value, however it is saved: one by one, in bulk, or by ``update()``.

        :param value: an address, an expression, or nothing.
        :param connection: the database.
        :returns: the value to store.
        :raises django.core.exceptions.ValidationError: when the value is no address.
        """
        if value and not hasattr(value, "as_sql"):
            validate_ipv46_address(str(value))
        return super().get_db_prep_save(value, connection)


class Activity(models.Model):
    """Something that somebody did at some moment."""

    timestamp = models.DateTimeField(default=timezone.now, help_text="When it happened.")

    class Meta:
        abstract = True
        ordering = ("-timestamp", "-id")


class LoginActivity(Activity):
    """A try to log in, and where it came from."""

    successful = models.BooleanField(default=False, help_text="Whether the login succeeded.")
    ip_address = CheckedAddressField(
        null=True, blank=True, help_text="Where it came from; empty when unknown."
    )
    user_agent = models.CharField(
        max_length=AGENT_LENGTH, blank=True, help_text="What the client said it is."
    )
    location = models.CharField(
        max_length=200, blank=True, help_text="City and country of the address, when known."
    )

    class Meta(Activity.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{'login' if self.successful else 'failed login'} from {self.ip_address}"


class LoginAttemptsHistory(LoginActivity):
    """Every try to log in, of accounts that exist and of those that do not.

    Failures are counted here: see ``apps.accounts.logins``. Of the tries that were refused because
    too many had failed, the latest of each network stays.

    .. testcode::

        from apps.accounts.models import CustomUser, LoginAttemptsHistory

        user = CustomUser.objects.create_user("ada@example.org", "correct horse battery")
        LoginAttemptsHistory.objects.create(user=user, ip_address="192.0.2.7")
        LoginAttemptsHistory.objects.create(ip_address="192.0.2.8")
        print(user.loginattemptshistory_set.filter(successful=False).count())
        print(LoginAttemptsHistory.objects.count())

    .. testoutput::

        1
        2
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        help_text="Whose account was tried; empty when nobody has it.",
    )
    account = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="A keyed digest of the e-mail address that was tried.",
    )
    network = models.CharField(
        max_length=43,
        blank=True,
        editable=False,
        help_text="What failures are counted by: the address, or of IPv6 its /64.",
    )
    refused = models.BooleanField(
        default=False,
        editable=False,
        help_text="Whether too many had failed before, so that the password was not looked at.",
    )

    class Meta(LoginActivity.Meta):
        verbose_name = "login attempt"
        verbose_name_plural = "login attempts history"
        indexes = (
            models.Index(fields=["account", "timestamp"], name="accounts_attempt_account"),
            models.Index(fields=["network", "timestamp"], name="accounts_attempt_network"),
            models.Index(fields=["timestamp"], name="accounts_attempt_time"),
        )


class LoginHistoryTrail(LoginActivity):
    """The tries to log in to one's account that were not refused, as its owner sees them.

    .. testcode::

        from apps.accounts.models import CustomUser, LoginHistoryTrail

        user = CustomUser.objects.create_user("ada@example.org", "correct horse battery")
        LoginHistoryTrail.objects.create(user=user, successful=True, ip_address="192.0.2.7")
        print(user.loginhistorytrail_set.latest("timestamp"))

    .. testoutput::

        login from 192.0.2.7
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, help_text="Whose account it is."
    )

    class Meta(LoginActivity.Meta):
        verbose_name = "login"
        verbose_name_plural = "login history trail"
        indexes = (
            models.Index(fields=["user", "-timestamp", "-id"], name="accounts_trail_of_user"),
            models.Index(fields=["timestamp"], name="accounts_trail_time"),
        )


class UserVisitHistory(Activity):
    """A page, or a part of the API, that somebody visited.

    .. testcode::

        from datetime import timedelta

        from django.utils import timezone

        from apps.accounts.models import CustomUser, UserVisitHistory

        user = CustomUser.objects.create_user("ada@example.org", "correct horse battery")
        UserVisitHistory.objects.create(user=user, url="/example", user_agent="curl/8.5.0")
        week = (timezone.now() - timedelta(days=7), timezone.now())
        for visit in UserVisitHistory.objects.filter(user=user, timestamp__range=week):
            print(visit)

    .. testoutput::

        /example
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, help_text="Who visited."
    )
    url = models.CharField(
        max_length=URL_LENGTH, help_text="The path that was visited, without its query."
    )
    referer = models.CharField(
        max_length=URL_LENGTH,
        blank=True,
        help_text="Where they came from, without its query; of other sites the origin only.",
    )
    user_agent = models.CharField(
        max_length=AGENT_LENGTH, blank=True, help_text="What the client said it is."
    )

    class Meta(Activity.Meta):
        verbose_name = "visit"
        verbose_name_plural = "user visit history"
        indexes = (
            models.Index(fields=["user", "-timestamp", "-id"], name="accounts_visit_of_user"),
            models.Index(fields=["timestamp"], name="accounts_visit_time"),
        )

    def __str__(self) -> str:
        return self.url


class ExtraData(Activity):
    """What somebody logged in with, read from what the client said of itself.

    .. testcode::

        from apps.accounts.models import CustomUser, ExtraData

        user = CustomUser.objects.create_user("ada@example.org", "correct horse battery")
        extra_data = ExtraData.objects.create(
            user=user, browser="Firefox 143", os="Ubuntu", device="Other", ip_address="192.0.2.7"
        )
        print(extra_data)

    .. testoutput::

        Firefox 143 on Ubuntu
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, help_text="Who it was."
    )
    browser = models.CharField(
        max_length=100, blank=True, help_text="The browser and its version; empty when unknown."
    )
    ip_address = CheckedAddressField(
        null=True, blank=True, help_text="Where they came from; empty when unknown."
    )
    device = models.CharField(
        max_length=100, blank=True, help_text="The kind of device; empty when unknown."
    )
    os = models.CharField(
        max_length=100, blank=True, help_text="The operating system; empty when unknown."
    )
    location = models.CharField(
        max_length=200, blank=True, help_text="City and country of the address, when known."
    )

    class Meta(Activity.Meta):
        verbose_name = "extra data"
        verbose_name_plural = "extra data"
        indexes = (
            models.Index(fields=["user", "-timestamp", "-id"], name="accounts_extra_of_user"),
            models.Index(fields=["timestamp"], name="accounts_extra_time"),
        )

    def __str__(self) -> str:
        return f"{self.browser or 'unknown browser'} on {self.os or 'unknown system'}"
