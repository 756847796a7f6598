"""Rows and their order: are batches mixed, splits apart, labels at their texts, and is what decides still there?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import ERROR, Finding, Findings, View, number, seen


def unshuffled_training_data(view: View) -> Findings:
    """Batches are purer than shuffled rows would make them."""
    order = view.of("data").get("order") or {}
    if "purity" in order:
        gap = order["purity"] - order["expected"]
        if order["purity"] > 0.85 and gap > 0.2 and gap > 6 * max(order["spread"], 1e-3) and order["expected"] < 0.85:
            yield Finding(
                "unshuffled_training_data",
                0.92,
                [
                    seen(
                        "data",
                        {"purity": order["expected"]},
                        purity=order["purity"],
                        same_label_as_row_before=order["same_next"],
                    )
                ],
                "shuffle the training rows every epoch (DataLoader(..., shuffle=True))",
                _loader_place(view),
            )
    elif (
        order.get("autocorrelation", 0) > 0.8
        and order.get("between", 0) > 4 * order.get("expected_between", 1)
        and order.get("between_next", 1.0) > 0.5  # rows alike may be batched together, and the batches shuffled
    ):
        yield Finding(
            "unshuffled_training_data",
            0.85,
            [seen("data", {"autocorrelation": 0.0}, autocorrelation=order["autocorrelation"])],
            "shuffle the training rows every epoch",
            _loader_place(view),
        )


def _loader_place(view: View) -> dict[str, Any]:
    return view.place(next((o for o in view.ops if o.get("line")), None))


def train_dev_leak(view: View) -> Findings:
    """Rows of the evaluation were trained on, far more than rows repeat by chance."""
    shared = view.of("data").get("shared") or {}
    if not shared or shared.get("evaluates_training_set"):
        return
    repeats = max(shared["repeats_in_train"], shared["repeats_in_dev"])
    if (
        shared["rows"] >= 5
        and shared["share"] > 0.15
        and shared["share"] > 2.5 * repeats + 0.1
        and shared["same_target"] > 0.7
    ):
        yield Finding(
            "train_dev_leak",
            0.93,
            [
                seen(
                    "data",
                    {"share": repeats},
                    share=shared["share"],
                    rows=shared["rows"],
                    repeats_in_train=shared["repeats_in_train"],
                )
            ],
            "split before any copying or augmenting, and drop rows of the evaluation from training",
            {},
            severity=ERROR,
        )


def enlarged_before(view: View) -> Findings:
    """The smaller classes were enlarged to the size of the largest by copies, and split afterwards."""
    shared = view.of("data").get("shared") or {}
    facts = shared.get("enlarged")
    if not facts or shared.get("evaluates_training_set") or shared["share"] <= 0.1:
        return
    if facts["repeats_most"] > 0.15 and max(facts["repeats_least"], facts["shared_of_least"]) < 0.05:
        yield Finding(
            "train_dev_leak",
            0.85,
            [seen("data", {"share": 0.0}, share=shared["share"], rows=shared["rows"], **facts)],
            "split first, and enlarge the smaller classes of the training rows only",
            {},
        )


def near_copies(view: View) -> Findings:
    """Evaluation rows are copies of training rows, changed a little: what was multiplied was split afterwards."""
    shared = view.of("data").get("shared") or {}
    near = shared.get("near") or {}
    if not near or shared.get("evaluates_training_set") or near["share"] < 0.6 or near["same_target"] < 0.85:
        return
    yield Finding(
        "train_dev_leak",
        0.85,
        [seen("data", {"near_copies": 0.0}, near_copies=near["share"], with_the_same_target=near["same_target"])],
        "split first, and enlarge or change copies of the training rows only",
        {},
    )


def truncation_removes_signal(view: View) -> Findings:
    """With the words that were cut off, a plain learner finds what it cannot find in what was fed."""
    facts, reference = view.of("truncation"), view.of("reference")
    if not facts or facts["gain"] <= 0.1 or facts["cut_share"] <= 0.3:
        return
    fed = reference.get("crossed", 0.0) - reference.get("crossed_majority", 0.0)
    if "crossed" in reference and facts["whole"] - facts["majority"] - fed <= 0.1:
        return  # what was fed says as much as the whole: words were left out, not cut off
    if number((view.classed.get("dev") or {}).get("accuracy") or 0) >= facts["whole"]:
        return  # so does the model, of new rows
    yield Finding(
        "truncation_removes_signal",
        0.93 if facts["at_one_length"] else 0.7,
        [seen("truncation", None, **{k: v for k, v in facts.items() if k != "seconds"})],
        f"keep more of the text (rows are cut at {facts['length']} of up to "
        f"{facts['longest']} words), or the end instead of the start",
        {},
    )


def _apart(facts: dict[str, Any], dev_rows: int) -> bool:
    """Whether the signals in training and evaluation differ by more than so few rows would make them."""
    training = facts["crossed"] - facts["crossed_majority"]
    evaluation = facts.get("dev_crossed", 0) - facts.get("dev_majority", 1)
    return evaluation - training > 3 * (0.25 / max(facts["rows"], 1) + 0.25 / max(dev_rows, 1)) ** 0.5


def _answers_new_rows(view: View) -> bool:
    """Whether the model answers the evaluation far better than by its majority; from rows joined wrongly none could."""
    dev = view.of("data").get("dev") or {}
    share, rows = (dev.get("majority") or {}).get("share", 1.0), max(dev.get("rows", 0), 1)
    chance = 1 / max(len(dev.get("classes") or [0]), 1)
    return bool(dev.get("balanced", 0.0) > chance + 0.15 and dev["accuracy"] > share + 3 * (0.25 / rows) ** 0.5)


def labels_misaligned(view: View) -> Findings:
    """Labels belong to the texts of other rows: another pairing of the same rows has the signal."""
    few = view.of("reference").get("rows", 0) < 150
    looks = [
        _by_number,
        *([] if few else [_other_labels, _paired_otherwise, *([] if _answers_new_rows(view) else [_moved_labels])]),
    ]
    for look in looks:
        if found := look(view):
            confidence, evidence, remedy = found
            yield Finding("labels_misaligned", confidence, [evidence], remedy, {})
            return


Pairing = tuple[float, dict[str, Any], str]
"""Confidence, evidence and remedy."""


def _by_number(view: View) -> Pairing | None:
    """Files that were joined with labels by their letters, though they stand by their numbers."""
    files = view.of("numbered")
    if not files or files["by_number"] <= files["joined"] + 0.1 or files["joined"] >= 0.1:
        return None
    evidence = seen("numbered", {"joined": "above 0"}, joined=files["joined"], by_number=files["by_number"])
    remedy = "read numbered files by their numbers (sorted(paths, key=lambda p: int(...))): by their letters 10 comes "
    return 0.95, evidence, remedy + "before 2"


def _other_labels(view: View) -> Pairing | None:
    """Rows that stand in the program's lists with another label than the one they were fed with."""
    facts = view.of("pairing")
    found = {key: facts.get(key) for key in ("matched", "agree", "agree_by_chance")}
    if not facts.get("matched"):
        return None
    chance = number(facts["agree_by_chance"])
    if number(facts["agree"]) > chance + min(0.15, 0.5 * (1 - chance)):  # of one class mostly, all agree by chance
        return None
    remedy = "what sorts or filters the rows of a batch must do the same to their labels (labels[order])"
    return 0.95, seen("pairing", {"agree": 1.0}, **found), remedy


def _paired_otherwise(view: View) -> Pairing | None:
    """Texts and labels that another pairing of what the program holds gives a signal."""
    pairing, unknown = view.of("pairing"), view.of("vectors").get("unknown") or {}
    whole = (
        pairing.get("kinds_fed", 0) >= 0.1 * pairing.get("kinds_held", 1e9)
        and unknown.get("share", 0) < 0.12
        and pairing.get("words_a_row_fed", 0) >= 0.8 * pairing.get("words_a_row_held", 1e9)
    )
    if not whole or pairing.get("gain", 0) <= 0.1:
        return None
    if pairing.get("best", 0) <= pairing.get("majority_of_best", 1) + 0.1:
        return None
    evidence = seen("pairing", None, **{k: v for k, v in pairing.items() if k != "seconds"})
    return 0.95, evidence, "shuffle, sort and filter texts and labels together (rows = list(zip(texts, labels)))"


def _moved_labels(view: View) -> Pairing | None:
    """Labels that say something of the row before or after, or of the evaluation's rows alone."""
    facts = view.of("reference")
    if "crossed" not in facts:
        return None
    chance, own = facts["crossed_majority"], facts["crossed"]
    noise = 2.5 * (chance * (1 - chance) / max(facts["rows"], 1)) ** 0.5
    shifted = max(facts.get("shifted", {"0": 0.0}).values())
    if own >= chance + noise:
        return None
    if shifted > chance + max(0.12, 2 * noise):
        found = {"crossed": own, "majority": chance, "with_labels_moved": facts["shifted"]}
        remedy = "labels are moved by a row or two against the texts: read, filter and shuffle them together"
        return 0.95, seen("reference", {"crossed": "above majority"}, **found), remedy
    new = {"crossed_in_dev": facts.get("dev_crossed", 0), "dev_majority": facts.get("dev_majority", 1)}
    rows = view.of("data").get("dev", {}).get("rows", 0)
    if new["crossed_in_dev"] > new["dev_majority"] + 0.12 and _apart(facts, rows):
        found = {"crossed_in_train": own, "majority": chance, **new}
        remedy = (
            "the evaluation's rows have a signal that the training rows lack: shuffle and filter texts and labels "
            "together"
        )
        return 0.85, seen("reference", {"crossed": "above majority"}, **found), remedy
    return None


CHECKS = [
    unshuffled_training_data,
    train_dev_leak,
    enlarged_before,
    near_copies,
    truncation_removes_signal,
    labels_misaligned,
]
