"""``manage.py sweep_tasks``: sends tasks that no worker has taken up."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.core.sweeper import sweep_tasks


class Command(BaseCommand):
    """Sends tasks that were not sent, and gives back those whose worker died."""

    help = "Send tasks that no worker has taken up, and give back those whose worker died."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep once, and say what was found.

        :param args: nothing.
        :param options: those of every command.
        """
        found = sweep_tasks()
        self.stdout.write(f"{found['given_back']} given back, {found['sent']} sent")
