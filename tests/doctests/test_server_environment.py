"""A server's environment says what the variables of the deployment say, whatever they hold."""

import re
from pathlib import Path
from typing import Any

import dj_database_url
import jinja2

from cookbook.recipe.repository import open_repository

TEMPLATE = open_repository(Path(__file__).parent).reference / "ansible/roles/app/templates/environment.j2"
ODD = r"""a/b\c"d'e$f%2Fg#h@i:j?k&l+m n"""


def render(**values: Any) -> str:
    """Render the template as Ansible does."""
    # What is rendered is read by systemd: nothing of HTML is to be escaped.
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined)  # noqa: S701
    environment.filters["regex_replace"] = lambda text, old, new: re.sub(old, new, text)
    return str(environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(**values))


def read_as_systemd(text: str) -> dict[str, str]:
    """Read variables by the rules of systemd.exec(5), as far as the template uses them."""
    found = {}
    for line in text.splitlines():
        if line and line[0] not in "#;":
            name, _, value = line.partition("=")
            if value.startswith('"'):
                quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', value)
                assert quoted, line
                value = re.sub(r'\\(["\\`$])', r"\1", quoted[1])
            found[name] = value
    return found


def test_values_arrive_as_they_were_given() -> None:
    text = render(
        ansible_managed="managed",
        app_settings="cookiecutter.settings.production",
        app_root="/srv/shop",
        django_secret_key=ODD,
        django_environment={"EMAIL_HOST_PASSWORD": ODD, "EMAIL_PORT": 25},
        postgres_database="shop",
        postgres_password=ODD,
        postgres_user="keeper",
        server_names=["a.example.com", "b.example.com"],
    )
    found = read_as_systemd(text)
    assert found["SECRET_KEY"] == found["EMAIL_HOST_PASSWORD"] == ODD
    assert found["EMAIL_PORT"] == "25"
    assert found["CSRF_TRUSTED_ORIGINS"] == "https://a.example.com,https://b.example.com"
    database = dj_database_url.parse(found["DATABASE_URL"])
    assert (database["PASSWORD"], database["HOST"], database["NAME"]) == (ODD, "127.0.0.1", "shop")
    assert text.startswith("# managed\n") and "\n\n" not in text
