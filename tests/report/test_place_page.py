"""The page of one place of a suite: its seeds, the answers of the best, the way to repeat it."""

from tests.report.pages import words
from wordfit.report import write_place_report


def about(**row):
    epochs = [[0.7, 0.55], [0.6, 0.65]]
    runs = [
        {"seed": seed, "metrics": {"accuracy": value}, "epochs": epochs, "best_epoch": 1, "drift": 0.12, "seconds": 4.0}
        | {"cell": f"../cells/{seed}.json"}
        for seed, value in ((0, 0.65), (1, 0.61))
    ]
    row = {
        "task": "RTE",
        "strategy": "mean tuned",
        "metric": "accuracy",
        "score": 0.63,
        "all": {"accuracy": 0.63},
    } | row
    evaluation = {"labels": ["no", "<yes>"], "metrics": {"accuracy": 0.65}, "confusion": [[5, 1], [2, 4]]}
    made = {"settings": {"encoder": "mean"}, "files": {"train": "t.tsv", "dev": "d.tsv"}, "vectors": ["v.txt"]}
    return {"row": row, "runs": runs, "evaluation": evaluation, "command": "wordfit glue --tasks rte", **made}


def page(tmp_path, **row):
    write_place_report(about(**row), tmp_path / "place.html")
    return (tmp_path / "place.html").read_text(encoding="utf-8")


def test_the_page_shows_seeds_answers_and_the_command(tmp_path):
    text = page(tmp_path, low=0.38, high=0.88)
    said = words(text)
    assert "accuracy 0.630 on dev, the mean of 2 seeds (95 % interval 0.380 to 0.880)." in said
    assert "0.650 2 of 2 12.0" in said
    assert "wordfit glue --tasks rte" in said
    assert 'href="../cells/1.json"' in text
    assert "&lt;yes&gt;" in text
    assert "says nothing" not in said


def test_a_page_without_figures_carries_no_plotly_and_says_what_a_score_is_worth(tmp_path):
    text = page(tmp_path, degenerate="inside the interval of always the commonest class")
    assert 'id="plotly"' not in text
    assert len(text) < 50_000
    assert "This score says nothing: inside the interval of always the commonest class." in words(text)
