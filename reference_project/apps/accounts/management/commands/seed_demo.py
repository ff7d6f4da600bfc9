"""Makes one ordinary and one staff account to try the project with, or removes them."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.accounts.demo import demo_seeded
from apps.accounts.models import CustomUser
from apps.accounts.personal import delete_account

DEMO_ADDRESSES = {"demo@example.com": False, "staff@example.com": True}


class Command(BaseCommand):
    """The ``seed_demo`` command; running it again gives the same accounts new passwords."""

    help = "Make a verified demo and a staff account, and print how to log in; or remove them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options.

        :param parser: the parser of the command line.
        """
        parser.add_argument("--password", help="the password of both; random when left out")
        parser.add_argument(
            "--force", action="store_true", help="do it although DEBUG is off, on a public server"
        )
        parser.add_argument(
            "--remove",
            action="store_true",
            help="remove both accounts instead, and everything that they own",
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Make the accounts, or remove them.

        :param args: nothing.
        :param options: ``password``, ``force`` and ``remove``.
        :raises CommandError: when DEBUG is off and nobody insists on accounts.
        """
        if options["remove"]:
            for user in CustomUser.objects.filter(email__in=DEMO_ADDRESSES).order_by("email"):
                delete_account(user)
                self.stdout.write(f"{user.email} is gone")
            return
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                "DEBUG is off, so this may be a public server, where demo accounts are open doors. "
                "Add --force if you mean it."
            )
        for address, is_staff in DEMO_ADDRESSES.items():
            password = options["password"] or secrets.token_urlsafe(12)
            user, _created = CustomUser.objects.get_or_create(email=address)
            user.first_name = "Staff" if is_staff else "Demo"
            user.email_verified = user.is_active = True
            user.is_staff = user.is_superuser = is_staff
            user.set_password(password)
            user.save()
            if not is_staff:
                demo_seeded.send(sender=type(self), user=user)
            self.stdout.write(f"{address} {password}")
