"""Makes documents for tests; every value can be given."""

import factory
from factory.django import DjangoModelFactory

from apps.accounts.tests.factories import UserFactory
from apps.documents.models import Document


class DocumentFactory(DjangoModelFactory):
    """A document of somebody, with a file, that was not processed yet."""

    class Meta:
        model = Document

    owner = factory.SubFactory(UserFactory)
    title = factory.Sequence(lambda number: f"Plan {number}")
    original_name = "plan.txt"
    content_type = "text/plain"
    file = factory.django.FileField(filename="plan.txt", data=b"text")
