"""`make run` in a clean clone: both servers come up with what README promises, and Ctrl-C ends them."""

import json
import re

import pytest

from .machine import can_hide, choose_port, is_free
from .newcomer import Newcomer, record
from .serving import COMMAND, DEFAULT_PORTS, ENDS, Serving

BADGE = re.compile(r'class="cookbook-status cookbook-(\w+)"')
ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
# What a narrow screen shows in place of the table's head.
LABEL = re.compile(r'<span class="cookbook-label">.*?</span>')
TAG = re.compile(r"<[^>]+>")


def read_runs(page: str) -> dict[str, str]:
    """Return the table of runs on a recipe's page: variant → status."""
    table = page[page.index("cookbook-runs") :]
    rows = [row for row in ROW.findall(table[: table.index("</table>")]) if "<td" in row]
    first = [LABEL.sub("", row[: row.index("</td>")]) for row in rows]
    return {TAG.sub("", cell).strip(): BADGE.search(row)[1] for cell, row in zip(first, rows, strict=True)}


def test_comes_up(serving: Serving, request: pytest.FixtureRequest) -> None:
    record(COMMAND, serving.ready, request.node.nodeid)
    assert serving.ready, f"`make run` did not come up:\n{serving.output()}"


def test_site_is_served(serving: Serving) -> None:
    answer = serving.fetch("SITE_PORT", "/")
    assert answer.status == 200
    assert "django-cookiecutter" in answer.text


@pytest.mark.parametrize("slug", ["change_the_database", "spell_the_database_out"])
def test_pages_show_what_was_verified(serving: Serving, slug: str) -> None:
    runs = read_runs(serving.fetch("SITE_PORT", f"/how_to/{slug}.html").text)
    assert {runs["SQLite"], runs["PostgreSQL"]} == {"verified"}, f"{runs}\n{serving.output()}"


def test_page_without_its_server_says_so(serving: Serving) -> None:
    if not can_hide():
        pytest.skip("Only root can hide this machine's servers from a program, to see what a page without them says.")
    page = serving.fetch("SITE_PORT", "/how_to/replace_redis_with_rabbitmq.html").text
    assert "not run here" in page
    assert set(BADGE.findall(page)) == {"not_run"}


def test_no_recipe_failed(serving: Serving) -> None:
    pages = serving.fetch("SITE_PORT", "/reference/verification.html").text
    assert "verified" in BADGE.findall(pages)
    assert not {"failed", "blocked", "stale"} & set(BADGE.findall(pages)), serving.output()


@pytest.mark.parametrize("path", ["/health/ready", "/api/docs/"])
def test_project_is_served(serving: Serving, path: str) -> None:
    assert serving.fetch("PROJECT_PORT", path).status == 200


def test_demo_account_can_log_in(serving: Serving) -> None:
    accounts = serving.accounts()
    assert [address for address, _ in accounts] == ["demo@example.com", "staff@example.com"], serving.output()
    for address, password in accounts:
        answer = serving.fetch("PROJECT_PORT", "/api/v1/accounts/token/", {"email": address, "password": password})
        assert answer.status == 200, answer
        me = serving.fetch("PROJECT_PORT", "/api/v1/accounts/me/", token=json.loads(answer.text)["access"])
        assert (me.status, json.loads(me.text)["email"]) == (200, address)


@pytest.mark.parametrize("variable", DEFAULT_PORTS)
def test_taken_port_is_named(serving: Serving, newcomer: Newcomer, variable: str) -> None:
    """While it runs it is typed again, in a second terminal."""
    other = {name: str(choose_port()) for name in serving.ports} | {variable: str(serving.ports[variable])}
    outcome = newcomer.type(" ".join([COMMAND, *(f"{name}={port}" for name, port in other.items())]), seconds=60)
    assert outcome.status not in (0, None)
    assert f"Port {serving.ports[variable]} is taken" in outcome.output, str(outcome)
    assert f"make run {variable}=" in outcome.output, str(outcome)


def test_ctrl_c_stops_both(serving: Serving) -> None:
    assert serving.ready, serving.output()
    serving.interrupt()
    assert serving.status in ENDS, f"it ended with {serving.status}:\n{serving.output()}"
    assert serving.left == [], "these ran on after Ctrl-C"
    taken = [port for port in serving.ports.values() if not is_free(port)]
    assert not taken, f"something still listens on {taken}"
    assert "Stopped." in serving.output()
    assert "Traceback" not in serving.output()
