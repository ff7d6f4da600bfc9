"""A row that is deleted can come back, with all that went with it."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError

from apps.core.models import CannotRestore, full_history
from tests.tracked.models import Bookmark, Comment, Folder, Lock, Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder() -> Folder:
    """A folder of two pages, one of which was deleted before."""
    folder = Folder.objects.create(name="plans")
    Page.objects.create(folder=folder, title="first")
    Page.objects.create(folder=folder, title="gone before").delete()
    return folder


@pytest.mark.smoke
def test_deleted_row_is_hidden_and_comes_back_with_what_went_with_it(folder: Folder) -> None:
    assert folder.delete() == (2, {"tracked.Folder": 1, "tracked.Page": 1})
    assert not Folder.objects.exists() and not Page.objects.exists()
    assert Folder.all_objects.count() == 1 and Page.all_objects.count() == 2
    assert folder.delete() == (0, {})
    assert folder.restore() == 2
    assert [page.title for page in Page.objects.all()] == ["first"]
    assert folder.restore() == 0
    actions = [entry["action"] for entry in full_history(Folder, folder.pk)]
    assert actions == ["create", "delete", "update"]


def test_queryset_deletes_restores_and_removes(folder: Folder) -> None:
    assert Folder.objects.all().delete() == (2, {"tracked.Folder": 1, "tracked.Page": 1})
    assert Folder.all_objects.restore() == 2
    assert Folder.objects.count() == 1
    number, _ = Folder.all_objects.hard_delete()
    assert number == 3
    assert not Folder.all_objects.exists() and not Page.all_objects.exists()


def test_removed_row_keeps_its_story(folder: Folder) -> None:
    pk = folder.pk
    folder.delete()
    folder.hard_delete()
    actions = [entry["action"] for entry in full_history(Folder, pk)]
    assert actions == ["create", "delete", "delete"]


def test_protecting_row_keeps_everything_as_it_was(folder: Folder) -> None:
    lock = Lock.objects.create(folder=folder)
    with pytest.raises(ProtectedError, match="plans is protected by lock"):
        folder.delete()
    assert Folder.objects.exists() and Page.objects.exists()
    lock.delete()
    assert folder.delete()[0] == 2


def test_restricting_row_gives_way_when_it_is_deleted_too(folder: Folder) -> None:
    page, other = Page.objects.get(), Folder.objects.create(name="other")
    bookmark = Bookmark.objects.create(folder=other, page=page)
    with pytest.raises(RestrictedError, match="first is restricted by bookmark"):
        folder.delete()
    bookmark.folder = folder
    bookmark.save()
    assert folder.delete()[0] == 3


def test_row_that_only_points_at_a_deleted_one_stays(folder: Folder) -> None:
    comment = Comment.objects.create(page=Page.objects.get())
    folder.delete()
    comment.refresh_from_db()
    assert comment.page is not None and comment.date_deleted is None


def test_unique_value_can_be_used_again_after_a_deletion(folder: Folder) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Folder.objects.create(name="plans")
    folder.delete()
    again = Folder.objects.create(name="plans")
    again.delete()
    Folder.objects.create(name="plans")
    assert Folder.all_objects.filter(name="plans").count() == 3
    with pytest.raises(CannotRestore, match="belongs to another row"):
        folder.restore()
    folder.refresh_from_db()
    assert folder.date_deleted is not None
    assert not Page.objects.exists()


def test_taken_value_is_told_by_validation(folder: Folder) -> None:
    with pytest.raises(Exception, match="already exists"):
        Folder(name="plans").full_clean()
    folder.delete()
    Folder(name="plans").full_clean()


def test_part_does_not_come_back_without_its_whole(folder: Folder) -> None:
    page = Page.objects.get()
    folder.delete()
    page.refresh_from_db()
    with pytest.raises(CannotRestore, match="belongs to plans, which is deleted"):
        page.restore()
