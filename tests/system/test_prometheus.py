"""The real Prometheus on the files of etc/prometheus, and on a real server."""

from __future__ import annotations

import json
import queue
import shutil
import socket
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.server import BOUND, ROOT, Server, running
from tests.test_figures import METRICS, expressions, get

pytestmark = pytest.mark.system

ETC = ROOT / "etc/prometheus"
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
ARRIVED = """\
groups:
  - name: test
    rules:
      - alert: BobIsHere
        expr: classcord_people == 1 and on (instance) classcord_logins_total{result="ok"} == 1
"""


def promtool(*arguments: str, text: bytes | None = None) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    return subprocess.run(
        [tool, *arguments],
        input=(text or b"").decode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
    )


# -- the files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["check config prometheus.yml", "check rules rules.yml", "test rules rules_test.yml"])
def test_the_files_are_right(what: str) -> None:
    """No fault that promtool finds; each alert comes and stays away as rules_test.yml says."""
    *verb, name = what.split()
    done = promtool(*verb, str(ETC / name))
    assert done.returncode == 0, done.stdout
    assert "FAILED" not in done.stdout


def test_every_alert_is_tried() -> None:
    """An alert rule that rules_test.yml does not make come is none."""
    rules = yaml.safe_load((ETC / "rules.yml").read_text("utf-8"))["groups"][0]["rules"]
    tests = yaml.safe_load((ETC / "rules_test.yml").read_text("utf-8"))["tests"]
    came = {each["alertname"] for test in tests for each in test["alert_rule_test"] if each["exp_alerts"]}
    assert came == {rule["alert"] for rule in rules}


def test_the_figures_are_named_as_prometheus_wants(tmp_path: Path) -> None:
    """`promtool check metrics` complains of nothing that a real server tells: names, units, help, types."""
    with running(tmp_path, *METRICS) as server, server.client() as client:
        client.ask(type="login", username="nobody", password="wrong")
        done = promtool("check", "metrics", text=get(server, "/metrics")[1])
    assert (done.returncode, done.stdout) == (0, "")


# -- Prometheus --------------------------------------------------------------------------------------------------------


class Alertmanager:
    """Where Prometheus sends its alerts; each batch of them is an item of `alerts`."""

    def __init__(self) -> None:
        self.alerts: queue.Queue[list[dict[str, Any]]] = queue.Queue()
        alerts = self.alerts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                alerts.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Alertmanager:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._thread.join(BOUND)
        self._server.server_close()


class Prometheus:
    """A running Prometheus."""

    def __init__(self, place: str) -> None:
        self._place = place

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return what it answers to a question."""
        question = urllib.parse.urlencode({"query": expression})
        with NO_PROXY.open(f"http://{self._place}/api/v1/query?{question}", timeout=BOUND) as response:
            answer = json.load(response)
        assert answer["status"] == "success"
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result


@contextmanager
def prometheus(folder: Path, server: Server, alertmanager: Alertmanager) -> Iterator[Prometheus]:
    """Run Prometheus with our files: only where things are and how often it looks is changed."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("prometheus is not installed")
    config = yaml.safe_load((ETC / "prometheus.yml").read_text("utf-8"))
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["scrape_configs"][0]["static_configs"] = [{"targets": [server.places("metrics")[0]]}]
    config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager.place]}]}]}
    config["rule_files"] = [str(ETC / "rules.yml"), str(folder / "arrived.yml")]
    (folder / "arrived.yml").write_text(ARRIVED, "utf-8")
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    options = [f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    with subprocess.Popen(
        [program, *options, f"--web.listen-address={place}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield Prometheus(place)
        finally:
            process.kill()


def test_prometheus_looks_at_a_server_and_tells_of_it(tmp_path: Path) -> None:
    """It scrapes a real server by our files, its alerts come to whoever waits for them, every question is answered."""
    with running(tmp_path, *METRICS) as server, server.client() as client, Alertmanager() as alertmanager:
        client.register("bob")
        with prometheus(tmp_path, server, alertmanager) as looking:
            (alert,) = alertmanager.alerts.get(timeout=2 * BOUND)
            assert (alert["labels"]["alertname"], alert["labels"]["job"]) == ("BobIsHere", "classcord")
            (people,) = looking.query("sum(classcord_people)")
            assert people["value"][1] == "1"
            (up,) = looking.query('up{job="classcord"}')
            assert up["value"][1] == "1"
            variables = {"$job": "classcord", "$instance": ".*", "$__rate_interval": "1m"}
            for expression in expressions():
                if expression.startswith("label_values("):
                    continue  # Grafana's own, which it makes a question of
                for name, value in variables.items():
                    expression = expression.replace(name, value)  # noqa: PLW2901
                looking.query(expression)
