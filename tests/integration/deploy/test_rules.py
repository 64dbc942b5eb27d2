"""The rules of Prometheus: they compute what there is, wake in time, and say what to do."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.helm import CHART, rendered
from tests.support.promtool import promtool_program

ROOT = Path(__file__).parents[3]
RULES = CHART / "files" / "rules.yaml"
CASES = Path(__file__).with_name("rules_test.yaml")
PROMTOOL_SECONDS = 60
SUFFIXES = re.compile(r"_(total|bucket|count|sum)$")


def rules() -> Iterator[dict[str, Any]]:
    """Yield every rule."""
    for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"]:
        yield from group["rules"]


def alerts() -> list[dict[str, Any]]:
    """Return the rules that wake people."""
    return [one for one in rules() if "alert" in one]


def promtool(*arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run promtool."""
    return subprocess.run(
        [str(promtool_program()), *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=PROMTOOL_SECONDS,
    )


def test_the_rules_do_what_their_cases_say(tmp_path: Path) -> None:
    """Checked and tried by Prometheus' own tool."""
    shutil.copy(RULES, tmp_path / "rules.yaml")
    shutil.copy(CASES, tmp_path / "cases.yaml")
    for arguments in (("check", "rules", "rules.yaml"), ("test", "rules", "cases.yaml")):
        done = promtool(*arguments, directory=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_rule_that_never_wakes_is_caught(tmp_path: Path) -> None:
    """The cases can fail: with a budget a hundred times as large they do."""
    text = RULES.read_text("utf-8").replace("14.4 * 0.001", "14.4 * 0.1").replace("6 * 0.001", "1")
    (tmp_path / "rules.yaml").write_text(text, "utf-8")
    shutil.copy(CASES, tmp_path / "cases.yaml")
    assert promtool("test", "rules", "cases.yaml", directory=tmp_path).returncode != 0


def test_every_alert_leads_to_a_section_of_the_runbook() -> None:
    """Who is woken reads what to do, and not only what is wrong."""
    text = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    sections = {heading.lower().replace(" ", "-") for heading in headings}
    for alert in alerts():
        file, _, section = alert["annotations"]["runbook"].partition("#")
        assert file == "docs/runbook.md"
        assert section in sections, alert["alert"]
        assert alert["labels"]["severity"] in {"page", "ticket"}


def test_every_figure_in_a_rule_is_one_that_a_process_tells() -> None:
    """A metric that has another name would never wake anybody."""
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "services").rglob("*.py"))
    told = set(re.findall(r'(?:counter|gauge|histogram)\(\s*"([a-z_]+)"', code))
    told |= {f"{thing}_seconds" for thing in re.findall(r'Red\(\s*"([a-z_]+)"', code)}
    used = {
        SUFFIXES.sub("", name)
        for rule in rules()
        for name in re.findall(r"\btrellis_([a-z_]+)", rule["expr"])
    }
    assert len(used) > 10
    assert used <= told


@pytest.mark.parametrize("profile", ["small", "production"])
def test_monitoring_is_rendered_where_it_is_asked_for(profile: str) -> None:
    """And its rules are those of the file; without it nothing asks for the Prometheus operator."""
    values = {"profile": profile, "kafka.bootstrapServers": "k:9092", "postgres.host": "p"}
    values |= {"postgres.sslMode": "require"}
    kinds = {one["kind"] for one in rendered(values)}
    assert not kinds & {"ServiceMonitor", "PrometheusRule"}
    found = {one["kind"]: one for one in rendered({**values, "monitoring.enabled": "true"})}
    assert found["PrometheusRule"]["spec"] == yaml.safe_load(RULES.read_text("utf-8"))
    assert found["ServiceMonitor"]["spec"]["endpoints"][0]["port"] == "health"
