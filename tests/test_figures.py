"""The listener of the figures on a real server, and that the dashboard and the alert rules ask for what it tells."""

from __future__ import annotations

import http.client
import json
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.server import BOUND, LOCAL, ROOT, Server, running

METRICS = ("--set", f"listen.metrics={LOCAL}")
NAME = re.compile(r"\b(?:classcord|process|python)_[a-z_]+\b")
DASHBOARD: dict[str, Any] = json.loads((ROOT / "etc/grafana/dashboard.json").read_text("utf-8"))
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "etc/prometheus/rules.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]


def get(server: Server, path: str) -> tuple[int, bytes]:
    """Return status and body of what a program that looks after the server is answered."""
    with closing(http.client.HTTPConnection(server.places("metrics")[0], timeout=BOUND)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()


def panels() -> Iterator[dict[str, Any]]:
    for panel in DASHBOARD["panels"]:
        yield from (panel, *panel.get("panels", ()))


def expressions() -> list[str]:
    """Return all that the dashboard and the rules ask of Prometheus."""
    asked = [target["expr"] for panel in panels() for target in panel.get("targets", ())]
    asked += [each["expr"] for each in DASHBOARD["annotations"]["list"]]
    asked += [each["definition"] for each in DASHBOARD["templating"]["list"] if each["type"] == "query"]
    return asked + [rule["expr"] for rule in RULES]


# -- the listener ------------------------------------------------------------------------------------------------------


def test_a_real_server_is_alive_and_ready_and_counts(tmp_path: Path) -> None:
    """The three pages beside the chat."""
    with running(tmp_path, *METRICS) as server, server.client().register("bob") as bob:
        assert get(server, "/healthz") == (200, b"ok\n")
        assert get(server, "/readyz")[0] == 200
        bob.say("bonjour")
        bob.hello()  # its answer follows the message
        status, text = get(server, "/metrics")
        assert status == 200
        assert b'\nclasscord_connections{face="tcp"} 1.0\n' in text
        assert b"\nclasscord_messages_total 1.0\n" in text
        assert b'\nclasscord_logins_total{result="ok"} 1.0\n' in text
        assert b"bob" not in text


def test_who_is_banned_sees_no_figures(tmp_path: Path) -> None:
    """The listener of the figures asks the one gate, like every face."""
    with running(tmp_path, *METRICS) as server:
        assert server.ctl("ban", "127.0.0.1", "--yes").returncode == 0
        with pytest.raises(ConnectionError):
            get(server, "/metrics")
        assert server.ctl("unban", "127.0.0.1").returncode == 0
        assert get(server, "/metrics")[0] == 200


@pytest.mark.parametrize(
    ("commands", "marks"),
    [
        (
            ["maintenance on", "shutdown 1h --yes"],
            [rb"\nclasscord_maintenance 1\.0\n", rb"\nclasscord_stop_timestamp_seconds [1-9]"],
        ),
        (
            ["maintenance on", "shutdown 1h --yes", "maintenance off", "shutdown cancel"],
            [rb"\nclasscord_maintenance 0\.0\n", rb"\nclasscord_stop_timestamp_seconds 0\.0\n"],
        ),
    ],
)
def test_a_maintenance_and_an_end_under_way_are_figures(
    tmp_path: Path, commands: list[str], marks: list[bytes]
) -> None:
    """A server in maintenance is ready, for moderators come in; whoever looks after it sees both."""
    with running(tmp_path, *METRICS) as server:
        for command in commands:
            assert server.ctl(*command.split()).returncode == 0
        assert get(server, "/readyz")[0] == 200
        figures = get(server, "/metrics")[1]
        assert [mark for mark in marks if not re.search(mark, figures)] == []


def test_a_port_that_is_taken_costs_the_figures_and_not_the_chat(tmp_path: Path) -> None:
    """The server warns and goes on: people matter more than who looks at them."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = f"tcp:{taken.getsockname()[1]}:interface=127.0.0.1"
        with running(tmp_path, "--set", f"listen.metrics={endpoint}") as server, server.client() as client:
            client.register("bob")
            assert re.search(r"warn +nobody can look at the figures: .*listens there already", server.logged())
            assert not server.places("metrics")


def test_a_server_that_stores_nothing_is_alive_but_not_ready(tmp_path: Path) -> None:
    """While something locks the database, /readyz says why and /healthz that a restart would not help."""
    with running(tmp_path, *METRICS) as server, server.client().register("bob") as bob:
        with closing(sqlite3.connect(server.data / "classcord.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            bob.say("perdu ?")
            server.wait_for("nothing can be stored")
            status, body = get(server, "/readyz")
            assert (status, json.loads(body)) == (503, {"ready": False, "reasons": ["storage"]})
            assert get(server, "/healthz")[0] == 200
            assert b"\nclasscord_storage_failing 1.0\n" in get(server, "/metrics")[1]
            other.execute("ROLLBACK")
        bob.hello()
        assert get(server, "/readyz")[0] == 200


# -- who asks ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What a real server tells: each name with its labels."""
    with running(tmp_path_factory.mktemp("told"), *METRICS) as server, server.client() as client:
        client.ask(type="login", username="nobody", password="wrong")
        text = get(server, "/metrics")[1].decode()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("expression", expressions())
def test_what_is_asked_for_is_told(expression: str, told: dict[str, set[str]]) -> None:
    """Every name, and every label by which something is added up, is one of a real server's."""
    names = set(NAME.findall(expression))
    assert names or expression.startswith("up{")
    assert names <= set(told)
    labels = {label for name in names for label in told[name]} | {"job", "instance"}  # Prometheus adds these
    assert set(re.findall(r"[a-z]+", " ".join(re.findall(r"by \(([a-z, ]*)\)", expression)))) <= labels


def test_all_that_is_told_of_the_chat_is_shown(told: dict[str, set[str]]) -> None:
    """No figure of ours is collected for nobody."""
    shown = {name for expression in expressions() for name in NAME.findall(expression)}
    ours = {re.sub("_(bucket|sum|count)$", "", name) for name in told if name.startswith("classcord_")}
    assert ours == {re.sub("_(bucket|sum|count)$", "", name) for name in shown if name.startswith("classcord_")}


def test_the_dashboard_takes_the_prometheus_that_there_is() -> None:
    """No panel names a data source of its own, each has its own number and a title, and a size that fits the page."""
    found = [panel for panel in panels() if panel["type"] != "row"]
    assert {panel["datasource"]["uid"] for panel in found} == {"${datasource}"}
    assert DASHBOARD["templating"]["list"][0]["type"] == "datasource"
    numbers = [panel["id"] for panel in panels()]
    assert len(set(numbers)) == len(numbers)
    assert all(panel["title"] for panel in panels())
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels())


def test_grafana_is_given_what_it_looks_for() -> None:
    """The data source and the folder of the provisioning are those of compose.yaml."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    mounts = [volume.split(":")[1] for volume in compose["grafana"]["volumes"]]
    provisioning = ROOT / "etc/grafana/provisioning"
    (provider,) = yaml.safe_load((provisioning / "dashboards/classcord.yml").read_text("utf-8"))["providers"]
    assert any(mount.startswith(provider["options"]["path"] + "/") for mount in mounts)
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text("utf-8"))["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert "prometheus" in compose
