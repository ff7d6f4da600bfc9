"""A diagram is read off Django's models, and says what they are to each other."""

import re
from xml.etree import ElementTree

import django
import pytest
from django.conf import settings

from cookbook.models.drawing import draw, place
from cookbook.models.entities import Attribute, Entity, describe_model, read_model

SVG = "{http://www.w3.org/2000/svg}"
BASE = Entity("Base", True, [Attribute("id", "BigAutoField")])
OWNER = Entity("Owner", False, [Attribute("name", "CharField")])
THING = Entity("Thing", False, [Attribute("owner", "ForeignKey", "Owner")], ["Base"])


@pytest.fixture(scope="module", autouse=True)
def _django():
    if not settings.configured:
        settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"])
        django.setup()


def test_models_are_described_without_what_a_shown_base_describes():
    base, user = (read_model(f"django.contrib.auth.models.{name}") for name in ("AbstractUser", "User"))
    assert describe_model(base, [base, user]).is_abstract
    described = describe_model(user, [base, user])
    assert (described.parents, [one.name for one in described.fields]) == (["AbstractUser"], ["id"])
    alone = describe_model(user, [user])
    assert alone.parents == []
    assert Attribute("groups", "ManyToManyField", "Group") in alone.fields
    assert Attribute("email", "EmailField") in alone.fields


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("nowhere.models.User", ImportError),
        ("django.contrib.auth.models.Usr", AttributeError),
        ("django.contrib.auth.models.UserManager", TypeError),
    ],
)
def test_what_is_no_model_is_refused(path, error):
    with pytest.raises(error):
        read_model(path)


def test_the_picture_names_everything_and_draws_every_relation():
    root = ElementTree.fromstring(draw([[BASE, OWNER], [THING]], "Things & owners"))  # noqa: S314 - our own
    assert root.get("aria-label") == "Things & owners"
    assert {text.text for text in root.iter(f"{SVG}text")} >= {
        "Base (abstract)",
        "Thing",
        "owner",
        "→ Owner",
        "CharField",
    }
    markers = [path.get("marker-end") for path in root.iter(f"{SVG}path")]
    assert [marker for marker in markers if marker] == ["url(#model-base)", "url(#model-key)"]


def test_boxes_do_not_overlap_and_lie_inside_the_picture():
    boxes = place([[BASE, OWNER], [THING]])
    base, owner, thing = boxes
    assert base.y + base.height < owner.y
    assert owner.x + owner.width < thing.x
    width, height = map(float, re.search(r'viewBox="0 0 (\d+) (\d+)"', draw([[BASE, OWNER], [THING]], "")).groups())
    assert all(box.x + box.width <= width and box.y + box.height <= height for box in boxes)
