"""The advice: a rule that is followed, reasons with numbers and evidence, and `--tuning auto` that uses it."""

import json

import pytest

from wordfit import InputError, Record
from wordfit.data import read_rows, read_train
from wordfit.selection.advice import NONE, advise
from wordfit.selection.rule import Rule, load_rule
from wordfit.selection.survey import MEASURED, survey
from wordfit.training import Settings
from wordfit.vectors import WordVectors

LEAF = {
    "behind": {"frozen": -0.03, "slow": 0.0, "tuned": -0.01},
    "strategy": "slow",
    "cases": 9,
    "within": 0.8,
    "data": {},
}
FROZEN = LEAF | {"behind": {"frozen": 0.0, "slow": -0.01, "tuned": -0.02}, "strategy": "frozen"}


@pytest.fixture
def rule():
    tree = {"asks": "log_rows", "at": 2.0, "below": FROZEN, "above": LEAF}
    return Rule(tree, load_rule().evidence)


@pytest.fixture
def read(topic_files):
    task, train = read_train(topic_files / "train.tsv")
    return task, train, read_rows(topic_files / "dev.tsv", task), [WordVectors.load(topic_files / "vectors.txt")]


def test_the_survey_measures_what_it_names(read):
    found = survey(*read)
    assert set(found["numbers"]) == set(MEASURED) - {"order"}
    numbers = found["numbers"]
    assert 10 ** numbers["log_rows"] == pytest.approx(200)
    assert numbers["width"] == 16
    assert 0.9 < numbers["types_covered"] < 1  # 28 of 30 words
    assert min(numbers["mean"], numbers["bag"]) > 0.95  # the topics are easy
    assert numbers["above_chance"] == pytest.approx(max(numbers["mean"], numbers["bag"]) - 0.5)
    assert found["reference"]["judged_on"] == "dev"


def test_the_rule_is_followed_and_its_path_is_told(read, rule):
    advice = advise(*read, rule=rule)
    assert advice.strategy == "slow"
    assert advice.settings["tuning"] == "slow"
    told = {reason.name: reason for reason in advice.reasons}
    assert "+3.0 points over frozen" in told["strategy"].says
    assert told["log_rows"].says.endswith("200, above 100")
    assert all(reason.evidence for reason in advice.reasons)
    Settings.from_config(Settings().to_config() | {k: v for k, v in advice.settings.items() if k != "tuning"})


def test_a_number_without_measured_evidence_says_so(read):
    bare = Rule(LEAF, load_rule().evidence | {"correlations": {}})
    told = {reason.name: reason for reason in advise(*read, rule=bare).reasons}
    assert told["neighbours"].evidence == NONE


def test_few_rows_lead_to_the_other_leaf(topic_files, read, rule):
    lines = (topic_files / "train.tsv").read_text("utf-8").splitlines()[:61]
    (topic_files / "train.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    task, train = read_train(topic_files / "train.tsv")
    assert advise(task, train, None, read[3], rule=rule).strategy == "frozen"


def test_a_question_about_what_was_not_measured_is_refused():
    with pytest.raises(InputError, match="'colour'"):
        Rule({"asks": "colour", "at": 0.0, "below": LEAF, "above": LEAF}, {}).follow({"log_rows": 2.0})


def test_the_rule_that_ships_can_be_followed_to_every_leaf():
    def leaves(node):
        return [node] if "strategy" in node else leaves(node["below"]) + leaves(node["above"])

    def asked(node):
        return {node["asks"]} | asked(node["below"]) | asked(node["above"]) if "asks" in node else set()

    shipped = load_rule()
    assert asked(shipped.tree) <= set(MEASURED)
    for leaf in leaves(shipped.tree):
        assert leaf["strategy"] == max(leaf["behind"], key=leaf["behind"].get)
        for recipe in shipped.evidence["recipes"].values():
            assert leaf["strategy"] in recipe["strategies"]
    fitted = [leaf for leaf in leaves(shipped.tree) if "about" not in leaf]
    assert sum(leaf["cases"] for leaf in fitted) == shipped.evidence["cases"]["count"]


def test_the_command_says_what_and_why(topic_files, wordfit_command):
    files = [topic_files / "train.tsv", "--dev", topic_files / "dev.tsv", "--vectors", topic_files / "vectors.txt"]
    code, said, err = wordfit_command("advise", *files, "--json", topic_files / "advice.json")
    assert (code, err) == (0, "")
    written = json.loads((topic_files / "advice.json").read_text("utf-8"))
    assert f"try {written['strategy']}" in said
    assert f"--lr {written['settings']['lr']}" in said
    assert "how sure" in said
    assert written["survey"]["numbers"]["classes"] == 2


def test_train_with_tuning_auto_uses_and_records_it(topic_files, wordfit_command):
    files = [topic_files / "train.tsv", "--dev", topic_files / "dev.tsv", "--vectors", topic_files / "vectors.txt"]
    run = topic_files / "run"
    code, said, err = wordfit_command("train", *files, "--tuning", "auto", "--epochs", 2, "--out", run, "--no-report")
    assert (code, err) == (0, "")
    assert "tuning auto" in said
    settings = Record.load(run / "record.json").settings
    advice = settings["advice"]
    assert settings["lr"] == advice["settings"]["lr"]
    assert settings["optimizer"] == advice["settings"]["optimizer"]
    assert settings["epochs"] == 2
    assert advice["reasons"]
