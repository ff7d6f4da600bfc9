"""The manager that makes users, by e-mail address rather than by user name."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import BaseUserManager

from apps.accounts.fields import normalise_address

if TYPE_CHECKING:
    from apps.accounts.models import CustomUser


class CustomUserManager(BaseUserManager["CustomUser"]):
    """Makes users and finds them by address, whatever its case."""

    use_in_migrations = True

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Bring an address into its stored form; Django's own method keeps half of the case.

        :param email: the address, or nothing.
        :returns: the address in lower case; an empty text for nothing.
        """
        return normalise_address(email or "")

    def get_by_natural_key(self, username: str | None) -> "CustomUser":
        """Find the user of an address.

        :param username: the address, in any case.
        :returns: the user.
        :raises django.core.exceptions.ObjectDoesNotExist: when nobody has this address.
        """
        return self.get(email=self.normalize_email(username))

    def create_user(
        self, email: str, password: str | None = None, **extra_fields: Any
    ) -> "CustomUser":
        """Create and save an ordinary user.

        :param email: the address, which no other user may have in any case.
        :param password: the password; without one the user cannot log in with a password.
        :param extra_fields: values of further fields, such as ``first_name``.
        :returns: the saved user. The address counts as unverified, and the user cannot log in,
            unless ``email_verified=True`` is given.
        :raises ValueError: when the address is empty.
        :raises django.db.IntegrityError: when somebody has this address.

        .. testcode::

            from apps.accounts.models import CustomUser

            user = CustomUser.objects.create_user(
                email="Ada@Example.org", password="correct horse battery", first_name="Ada"
            )
            print(user.email, user.is_active, user.is_staff, user.is_superuser)

        .. testoutput::

            ada@example.org True False False
        """
        extra_fields.setdefault("is_staff", False)
        extra_fields.setdefault("is_superuser", False)
        return self._create(email, password, extra_fields)

    def create_superuser(
        self, email: str, password: str | None = None, **extra_fields: Any
    ) -> "CustomUser":
        """Create and save an administrator, who can log in at once.

        :param email: the address, which no other user may have in any case.
        :param password: the password.
        :param extra_fields: values of further fields, such as ``first_name``.
        :returns: the saved user.
        :raises ValueError: when the address is empty, or a flag that makes a superuser is off.
        :raises django.db.IntegrityError: when somebody has this address.

        .. testcode::

            from apps.accounts.models import CustomUser

            admin = CustomUser.objects.create_superuser("root@example.org", "correct horse battery")
            print(admin.is_active, admin.is_staff, admin.is_superuser, admin.email_verified)

        .. testoutput::

            True True True True
        """
        for flag in ("is_active", "is_staff", "is_superuser", "email_verified"):
            if extra_fields.setdefault(flag, True) is not True:
                raise ValueError(f"A superuser needs {flag}=True, not {extra_fields[flag]!r}.")
        return self._create(email, password, extra_fields)

    def _create(
        self, email: str, password: str | None, extra_fields: dict[str, Any]
    ) -> "CustomUser":
        address = self.normalize_email(email)
        if not address:
            raise ValueError("A user needs an e-mail address; an empty one was given.")
        user = self.model(email=address, **extra_fields)
        user.set_password(password)
        user.save(using=self._db)
        return user
