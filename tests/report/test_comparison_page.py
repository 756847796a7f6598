"""The page of a comparison: the verdict in words, the frontier, who beats whom."""

from tests.report.pages import words
from tests.report.records import comparison
from wordfit.report import write_comparison_report
from wordfit.report.comparison import duels, frontier, learning, verdict


def test_strategies_that_the_data_cannot_tell_apart_are_named():
    rows = [
        {"strategy": "a", "score": 0.83, "low": 0.82, "high": 0.84},
        {"strategy": "b", "score": 0.82, "low": 0.81, "high": 0.83},
        {"strategy": "c", "score": 0.70, "low": 0.69, "high": 0.71},
    ]
    assert verdict(rows).endswith("These data cannot tell it for sure from \u201cb\u201d.")
    assert verdict([rows[0], rows[2]]).endswith("No other interval reaches into its own.")


def test_the_frontier_holds_what_nothing_cheaper_reaches():
    rows = [{"seconds": s, "score": v} for s, v in ((1, 0.5), (2, 0.4), (3, 0.7), (9, 0.7), (10, 0.8))]
    assert [r["seconds"] for r in frontier(rows)] == [1, 3, 10]


def test_a_duel_has_two_sides():
    found = duels({"table": [], "pairs": [{"first": "a", "second": "b", "better": 0.9}]})
    assert [[c and c["text"] for c in cells] for _, cells in found["lines"]] == [
        [None, "90\u202f%"],
        ["10\u202f%", None],
    ]


def test_the_page_shows_means_and_intervals_best_first(tmp_path):
    write_comparison_report(path=tmp_path / "c.html", **comparison())
    said = words((tmp_path / "c.html").read_text(encoding="utf-8"))
    table = said[said.index("strategy mean 95 % interval") :]
    assert table.index("cnn, anchored 0.834 0.828 to 0.840 5 95 s 11.0 % 80.0 %") < table.index("mean, frozen 0.771")


def test_the_answer_may_be_given_in_words(tmp_path):
    write_comparison_report([], tmp_path / "c.html", sentence="Freeze.")
    assert "Freeze." in words((tmp_path / "c.html").read_text(encoding="utf-8"))


def test_of_several_points_for_the_same_rows_the_last_counts():
    points = [{"strategy": "a", "rows": n, "score": s} for n, s in ((10, 0.5), (100, 0.6), (10, 0.4))]
    drawn = learning({"curves": points})["figures"][0]["data"][0]
    assert (drawn["x"], drawn["y"]) == ([10, 100], [0.4, 0.6])
    assert learning({"curves": points[:1]}) is None
