"""The OTP model: four digits, sent by mail, that show whose address it is."""

import re
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, F, Sum, Value, When
from django.utils import timezone

from apps.accounts.models.user import CustomUser
from apps.core.fields import MarkerField

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class CodeLimitReached(Exception):
    """A user was issued as many codes in an hour as the settings allow."""


class OTP(models.Model):
    """A one-time password of four digits.

    A user has one active code at most: creating another ends it, and the database holds to that.
    A code ends when it is used, after ten minutes, or at the fifth wrong try.
    """

    user = models.ForeignKey(CustomUser, on_delete=models.CASCADE, help_text="Whose code it is.")
    code = models.CharField(max_length=4, help_text="The four digits.")
    active = models.BooleanField(default=True, help_text="Whether it can still be used.")
    tries = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="How often it was tried, rightly or wrongly."
    )
    created_at = models.DateTimeField(auto_now_add=True, help_text="When it was issued.")
    updated_at = models.DateTimeField(auto_now=True, help_text="When it last changed.")
    # MariaDB has no conditional unique constraints, but lets NULL occur any number of times.
    active_marker = models.GeneratedField(
        expression=Case(
            When(active=True, then=Value(True, output_field=MarkerField())), default=None
        ),
        output_field=MarkerField(null=True),
        db_persist=True,
    )

    class Meta:
        verbose_name = "one-time password"
        verbose_name_plural = "one-time passwords"
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=["user", "created_at"], name="accounts_otp_recent"),)
        constraints = (
            models.UniqueConstraint(
                fields=["user", "active_marker"], name="accounts_otp_one_active_per_user"
            ),
        )

    def __str__(self) -> str:
        return f"one-time password {self.pk} of user {self.user_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the code, when it is four digits.

        :param args: as for any model.
        :param kwargs: as for any model.
        :raises django.core.exceptions.ValidationError: when the code is anything else.

        .. testcode::

            from django.core.exceptions import ValidationError
            from apps.accounts.models import OTP, CustomUser

            user = CustomUser.objects.create_user("ada@example.org")
            try:
                OTP(user=user, code="12a4").save()
            except ValidationError as error:
                print(error.messages[0])

        .. testoutput::

            A code is four digits, not '12a4'.
        """
        if not re.fullmatch("[0-9]{4}", str(self.code)):
            raise ValidationError({"code": f"A code is four digits, not {self.code!r}."})
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "updated_at"}
        super().save(*args, **kwargs)

    @classmethod
    def create(cls, user: CustomUser) -> "OTP":
        """Issue a code to a user; the one before, if any, ends.

        :param user: a saved user.
        :returns: the new code.
        :raises CodeLimitReached: when the user got ``OTP_MAX_CODES_PER_HOUR`` within an hour.

        .. testcode::

            from apps.accounts.models import OTP, CustomUser

            user = CustomUser.objects.create_user("ada@example.org")
            first = OTP.create(user)
            second = OTP.create(user)
            first.refresh_from_db()
            print(len(second.code), first.active, second.active)

        .. testoutput::

            4 False True
        """
        with transaction.atomic():
            cls._lock(user)
            codes = cls.objects.filter(user=user)
            issued = codes.filter(created_at__gt=timezone.now() - HOUR).count()
            if issued >= settings.OTP_MAX_CODES_PER_HOUR:
                raise CodeLimitReached(
                    f"User {user.pk} got {issued} codes within an hour, as many as are allowed. "
                    "Try again later."
                )
            codes.filter(active=True).update(active=False, updated_at=timezone.now())
            return cls.objects.create(user=user, code=f"{secrets.randbelow(10_000):04d}")

    @classmethod
    def get_latest(cls, user: CustomUser) -> "OTP | None":
        """Find the active code of a user.

        :param user: a saved user.
        :returns: the code, which may have expired; ``None`` when no code is active.

        .. testcode::

            from apps.accounts.models import OTP, CustomUser

            user = CustomUser.objects.create_user("ada@example.org")
            print(OTP.get_latest(user))
            otp = OTP.create(user)
            print(OTP.get_latest(user) == otp)

        .. testoutput::

            None
            True
        """
        return cls.objects.filter(user=user, active=True).first()

    @classmethod
    def redeem(cls, user: CustomUser, code: str) -> bool:
        """Try a code, and use it up when it is right.

        A try is counted before the code is compared, so tries side by side cannot exceed the
        limits. The caller must let the count be committed, whatever the outcome.

        :param user: a saved user.
        :param code: the digits that somebody entered.
        :returns: whether it was this user's valid code.

        .. testcode::

            from apps.accounts.models import OTP, CustomUser

            user = CustomUser.objects.create_user("ada@example.org")
            otp = OTP.create(user)
            print(OTP.redeem(user, otp.code), OTP.redeem(user, otp.code))

        .. testoutput::

            True False
        """
        with transaction.atomic():
            cls._lock(user)
            now = timezone.now()
            usable = cls.objects.filter(
                user=user,
                active=True,
                tries__lt=settings.OTP_MAX_TRIES,
                created_at__gt=now - settings.OTP_LIFETIME,
            )
            if cls._is_limit_reached(user) or not usable.update(
                tries=F("tries") + 1, updated_at=now
            ):
                return False
            otp = cls.objects.get(user=user, active=True)
            right = secrets.compare_digest(otp.code.encode(), code.encode())
            if right or otp.tries >= settings.OTP_MAX_TRIES:
                cls.objects.filter(pk=otp.pk).update(active=False, updated_at=now)
            return right

    def is_valid(self) -> bool:
        """Say whether this code can still be used.

        :returns: whether it is active, younger than ``OTP_LIFETIME`` and not tried too often.

        .. testcode::

            from datetime import timedelta
            from django.utils import timezone
            from apps.accounts.models import OTP, CustomUser

            otp = OTP.create(CustomUser.objects.create_user("ada@example.org"))
            print(otp.is_valid())
            otp.created_at = timezone.now() - timedelta(minutes=10)
            print(otp.is_valid())

        .. testoutput::

            True
            False
        """
        return (
            self.active
            and self.tries < settings.OTP_MAX_TRIES
            and timezone.now() < self.created_at + settings.OTP_LIFETIME
        )

    @classmethod
    def _is_limit_reached(cls, user: CustomUser) -> bool:
        limits = (
            (HOUR, settings.OTP_MAX_TRIES_PER_HOUR),
            # Without it, who tries every hour is right for one account in five within a week.
            (DAY, settings.OTP_MAX_TRIES_PER_DAY),
        )
        for period, limit in limits:
            # A code may be tried until it expires, so one issued this long ago still counts.
            begun = timezone.now() - period - settings.OTP_LIFETIME
            recent = cls.objects.filter(user=user, created_at__gt=begun)
            if (recent.aggregate(sum=Sum("tries"))["sum"] or 0) >= limit:
                return True
        return False

    @staticmethod
    def _lock(user: CustomUser) -> None:
        # One user's codes are counted and issued one at a time; SQLite locks its whole file anyway.
        CustomUser.objects.select_for_update().filter(pk=user.pk).values("pk").first()
