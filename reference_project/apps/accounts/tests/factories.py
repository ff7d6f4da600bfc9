"""Makes users for tests; every value can be given."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from apps.accounts.models import CustomUser

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory):
    """A verified user who can log in with :data:`PASSWORD`."""

    class Meta:
        model = CustomUser

    email = factory.Sequence(lambda number: f"user{number}@example.org")
    password = PASSWORD
    email_verified = True

    @classmethod
    def _create(cls, model_class: type[CustomUser], *args: Any, **values: Any) -> CustomUser:
        return model_class.objects.create_user(*args, **values)
