"""The command from a file to a report, JSON and a picture."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from services.mastery.__main__ import main
from services.mastery.entrypoints import evaluate
from tests.support.response_logs import a_log_of_known_difficulties

HEAD = "learner,seq,item,skills,correct\n"


@pytest.fixture(scope="module")
def log_file(tmp_path_factory):
    """Return a small log of twenty learners with one bad row at its end."""
    log, _ = a_log_of_known_difficulties(3, learners=20, each=15, items=8)
    path = tmp_path_factory.mktemp("logs") / "small.csv"
    columns = zip(log.learner, log.rank, log.item, log.correct, strict=True)
    rows = [f"{who},{rank},{item},{item % 2};9,{right}" for who, rank, item, right in columns]
    path.write_text(HEAD + "\n".join(rows) + "\n19,99", encoding="utf-8")
    return path


def run(*arguments):
    """Return what the command did."""
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)])


@pytest.fixture(scope="module")
def figures(log_file):
    """Return the result, the JSON and the picture of one run."""
    outputs = (log_file.with_suffix(".json"), log_file.with_suffix(".svg"))
    result = run(
        log_file, "--mapping", "plain_log", "--splits", 2, "--draws", 20,
        "--json", outputs[0], "--plot", outputs[1],
    )  # fmt: skip
    return result, json.loads(outputs[0].read_text()), outputs[1].read_text()


def test_the_report_says_what_was_read_and_how_well_it_was_predicted(figures):
    """Bad rows make exit code 1, and are told with their line."""
    result, _, picture = figures
    assert result.exit_code == 1, result.output
    assert "300 responses of 20 learners to 8 items on 3 competencies" in result.stdout
    assert "line 302: cells missing or too many: 2 of 5" in result.stdout
    assert "Times are made up: 60 s apart" in result.stdout
    assert "Trellis, calibrated" in result.stdout
    assert picture.startswith("<?xml")


def test_the_json_has_what_is_needed_to_make_it_again(figures):
    """Command, seed, hash of the file, mapping and versions."""
    _, found, _ = figures
    assert set(found) == {
        "format", "command", "file", "mapping", "splits", "seed", "draws", "versions", "rows",
        "log", "models", "calibrations", "flips_per_learner_and_competency", "false_mastery",
            "external_test_cost",
    }  # fmt: skip
    assert found["command"][:4] == ["python", "-m", "services.mastery", "evaluate"]
    assert found["command"][-4:] == ["--seed", "1", "--draws", "20"]
    assert len(found["file"]["sha256"]) == 64
    assert set(found["versions"]) == {"python", "trellis", "numpy", "scipy", "scikit-learn"}
    assert found["rows"]["examples"][0]["line"] == 302


def test_the_json_has_every_model_with_its_difference(figures):
    """All but the estimate itself are compared with it."""
    _, found, _ = figures
    models = {model["name"]: model for model in found["models"]}
    assert {"BKT", "IRT (Rasch)", "PFA", "Elo", "Best-LR", "latest", "mean", "3 in a row"} <= set(
        models
    )
    assert {"rule decaying_average 65", "rule highest"} <= set(models)
    for name, model in models.items():
        assert np.isfinite([model["auc"], model["log_loss"], model["rmse"], model["ece"]]).all()
        assert len(model["by_split"]) == 2
        assert (model["auc_difference"] is None) == (name == "Trellis, calibrated")


def test_the_same_seed_gives_the_same_figures(figures, log_file, tmp_path):
    """To the last digit."""
    again = tmp_path / "again.json"
    run(log_file, "--mapping", "plain_log", "--splits", 2, "--draws", 20, "--json", again)
    assert json.loads(again.read_text()) == figures[1]


def test_leaving_one_learner_out(log_file, tmp_path):
    """As many splits as learners; a learner whose answers are all alike has no AUC."""
    few = tmp_path / "few.csv"
    rows = ["a,1,x,7,1", "a,2,y,7,0", "b,1,x,7,1", "b,2,y,7,1", "c,1,x,7,0", "c,2,y,7,1"]
    few.write_text(HEAD + "\n".join(rows))
    out = tmp_path / "few.json"
    result = run(few, "--mapping", "plain_log", "--leave-one-out", "--draws", 10, "--json", out)
    assert result.exit_code == 0, result.output
    found = json.loads(out.read_text())
    assert found["splits"] == {"held_out": "one learner at a time", "count": 3}
    assert found["models"][0]["by_split"][1]["auc"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--mapping", "no_such"), "one of: cognitive_tutor, plain_log"),
        (("--mapping", "cognitive_tutor"), "Is it the right mapping"),
        (("--mapping", "plain_log", "--splits", "50"), "fewer --splits"),
        (("--mapping", "plain_log", "--plot", "x.pdf"), ".svg or .png"),
        (("--mapping", "plain_log", "--json", "no/such/x.json"), "there is no directory"),
    ],
)
def test_what_cannot_be_used_is_exit_code_2_and_says_what_to_do(log_file, arguments, message):
    """Before any long work."""
    result = run(log_file, *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_a_missing_extra_is_told_with_how_to_install_it(log_file, monkeypatch):
    """Services do without these libraries, so they may well be missing."""
    monkeypatch.setitem(evaluate._LIBRARIES, "no_such_module", "no-such-package")
    result = run(log_file, "--mapping", "plain_log")
    assert result.exit_code == 2
    message = " ".join(result.stderr.split())
    assert "evaluate needs no-such-package" in message
    assert "pip install '.[evaluation]'" in message


def test_a_file_that_breaks_off_is_exit_code_3(tmp_path):
    """Half a log is not measured as if it were the whole."""
    broken = tmp_path / "log.csv.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00\x00")
    result = run(broken, "--mapping", "plain_log")
    assert result.exit_code == 3
    assert "breaks off" in result.stderr
