"""What is kept of a person, app by app: handed out to them, and removed with their account.

An app that keeps data of people says so once, in its ``AppConfig.ready()``, by
:func:`register_personal_data`; the export and the deletion of accounts know it from then on.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from apps.accounts.models import CustomUser


@dataclass(frozen=True)
class PersonalData:
    """One kind of data that is kept of people.

    :param name: what the export calls it.
    :param collect: finds what is kept of a user, as values that JSON knows.
    :param erase: removes what the deletion of the user's row would leave behind.
    """

    name: str
    collect: Callable[[CustomUser], Iterable[dict[str, Any]]]
    erase: Callable[[CustomUser], None] | None = None


_registered: dict[str, PersonalData] = {}


def register_personal_data(
    name: str,
    collect: Callable[[CustomUser], Iterable[dict[str, Any]]],
    erase: Callable[[CustomUser], None] | None = None,
) -> None:
    """Have data of people exported, and removed with their accounts; again replaces it.

    :param name: what the export calls it.
    :param collect: finds what is kept of a user, as values that JSON knows.
    :param erase: removes what the deletion of the user's row would leave behind.

    .. testcode::

        from apps.accounts.models import CustomUser
        from apps.accounts.personal import export_personal_data, register_personal_data

        register_personal_data("hobbies", lambda user: [{"name": "chess"}])
        user = CustomUser.objects.create_user("ada@example.org")
        print(export_personal_data(user)["hobbies"])

    .. testoutput::

        [{'name': 'chess'}]
    """
    _registered[name] = PersonalData(name, collect, erase)


def export_personal_data(user: CustomUser) -> dict[str, list[dict[str, Any]]]:
    """Collect everything that is kept of a person.

    :param user: the person.
    :returns: by kind, what is kept.
    """
    return {name: list(data.collect(user)) for name, data in _registered.items()}


@transaction.atomic
def delete_account(user: CustomUser) -> None:
    """Remove an account and everything that is kept of its owner.

    What others own stays; where it named this user, it names nobody from then on.

    :param user: whose account it is.
    """
    for data in _registered.values():
        if data.erase is not None:
            data.erase(user)
    user.delete()
