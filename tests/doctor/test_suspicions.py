"""Notes: what speaks for a cause where nothing is proven, and that they never make a program ill."""

import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.checks.suspicions import MOST, SUSPICIONS, Course, suspicions
from wordfit.doctor.diagnose import ORDER, REST, diagnosis
from wordfit.doctor.examine import CHEAP
from wordfit.doctor.finding import View
from wordfit.record import Record

WELL = [1.0, 0.7, 0.5, 0.4, 0.35, 0.32, 0.31, 0.305, 0.302, 0.3]


def record(means=WELL, steps=500, experiments=None, **watched):
    made = Record()
    made.program = {"name": "train.py", "seconds": 1.0, "doctor_seconds": 1.0}
    made.watched = {"curve": {"means": means, "first": means[0], "not_finite": 0}, "steps": steps} | watched
    made.experiments = experiments or {}
    return made


def noted(made):
    return [note.cause for note in suspicions(View(made))]


def test_every_cause_with_a_clue_is_in_the_catalogue():
    assert {clue.__name__ for clue in SUSPICIONS} <= set(ORDER)


def test_a_training_that_went_well_gets_no_note():
    assert noted(record(experiments={"rates": {"runs": {"1.0": {"before": 1.0, "last": 0.4}}}})) == []


def test_a_loss_that_grows_where_the_same_steps_learn_points_at_what_the_loop_leaves_behind():
    grows = [1.0 * 3**n for n in range(10)]
    same_steps = {"rates": {"runs": {"1.0": {"before": 1.0, "last": 0.3}, "0.1": {"before": 1.0, "last": 0.8}}}}
    assert noted(record(grows, experiments=same_steps))[0] == "zero_grad_missing"
    too_fast = {"rates": {"runs": {"1.0": {"before": 1.0, "last": 30.0}, "0.1": {"before": 1.0, "last": 0.3}}}}
    assert noted(record(grows, experiments=too_fast))[0] == "lr_too_high"


@pytest.mark.parametrize(("passes", "expected"), [(2, ["too_few_steps"]), (20, [])])
def test_a_model_behind_a_plain_learner_after_few_passes_may_want_more(passes, expected):
    facts = {"reference": {"explained": 0.99, "model_explains": 0.2}, "data": {"train": {"rows": 1000}}}
    level = [1.0, 0.97, 0.96, 0.955, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95]
    assert noted(record(level, 100 * passes, facts, layout={"rows": 10})) == expected


@pytest.mark.parametrize(
    ("worst", "when_clipped", "depth", "noted_too"),
    [
        (40.0, 1.5, 30, True),
        (float("nan"), 1.5, 30, True),
        (40.0, 30.0, 30, False),  # clipped, it leaps as well
        (2.0, 1.5, 30, False),
        (40.0, 1.5, 3, False),  # no long chain
    ],
)
def test_a_leap_through_a_long_chain_that_clipping_prevents_points_at_exploding_gradients(
    worst, when_clipped, depth, noted_too
):
    runs = {"1.0": {"before": 1.0, "last": 0.9, "worst": worst}, "0.1": {"before": 1.0, "last": 0.4, "worst": 1.1}}
    facts = {"rates": {"runs": runs, "clipped": {"worst": when_clipped}, "depth": depth}}
    assert (noted(record([1.0] * 10, experiments=facts))[:1] == ["exploding_gradient"]) is noted_too


@pytest.mark.parametrize(
    ("norm", "calls", "expected"),
    [
        (2.0, [], {"padding_in_mean_pool", "padding_row_nonzero"}),
        (0.0, [], {"padding_in_mean_pool"}),
        (0.0, [{"op": "softmax"}], {"padding_in_mean_pool", "padding_not_masked_attention"}),
    ],
)
def test_padding_that_changes_answers_is_noted_for_every_way_that_it_may_come_in(norm, calls, expected):
    padding = {"pad_effect": 0.3, "real_effect": 1.0, "padding_row": {"norm": norm}}
    made = record([1.0] * 10, experiments={"padding": padding, "attention": {"calls": calls}})
    made.watched["ops"] = [{"op": "mean", "learned": True, "inputs": [], "named": {}, "numbers": []}]
    assert expected == {cause for cause in noted(made) if "padding" in cause}


@pytest.mark.parametrize(("change", "cause"), [(0.0, "dead_units"), (1.4, "gradient_path_cut")])
def test_a_loss_that_no_rate_changes_is_told_by_whether_the_answer_follows_the_input(change, cause):
    runs = {k: {"before": 1.4, "last": 1.4} for k in ("0.1", "1.0", "10.0")}
    facts = {"rates": {"runs": runs}, "dependence": {"relative_change": change}}
    assert noted(record([1.4] * 10, experiments=facts))[0] == cause


def test_a_model_behind_a_plain_learner_is_unwell_and_one_ahead_is_not():
    behind = {"reference": {"explained": 0.99, "model_explains": 0.2}}
    ahead = {"reference": {"explained": 0.5, "model_explains": 0.8}}
    assert Course(View(record(experiments=behind))).unwell
    assert not Course(View(record(experiments=ahead))).unwell


def test_notes_leave_a_program_healthy_and_are_few():
    table = {"max_norm": 1.0, "clipped_rows": 9, "trainable": True, "module": "bag", "name": "bag.weight"}
    facts = {
        "tables": {"tables": [table]},
        "evaluation": {"noisy_modules": ["dropout"], "in_training_mode": 3},
        "units": {"equal_units": [{"weight": "bag.weight", "output": False}]},
        "losses": {"clamps": [{"cut": 0.5}]},
    }
    found = diagnosis(record(experiments=facts))
    assert found["healthy"]
    assert 1 < len(found["findings"]) <= MOST
    assert {f["severity"] for f in found["findings"]} == {"info"}
    assert all("not proven" in f["remedy"]["text"] for f in found["findings"])


def test_of_a_training_watched_in_its_first_steps_alone_nothing_is_noted():
    """A small classifier whose loss still falls when the watch is left, and which trains on."""
    torch.manual_seed(0)
    ids = torch.randint(1, 30, (400, 6))
    net = nn.Sequential(nn.EmbeddingBag(30, 8), nn.Linear(8, 2))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)

    def found(left_after):
        with wordfit.watch() as exam:
            for step in range(40):
                rows = torch.randint(0, 400, (20,))
                loss = nn.functional.cross_entropy(net(ids[rows]), (ids[rows, 0] > 15).long())
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if step + 1 == left_after:
                    exam.leave(left_after)
        return exam.diagnose(10, CHEAP), exam.recorder.backwards

    whole, steps = found(None)
    assert (steps, whole["findings"] != []) == (40, True)
    part, steps = found(20)
    assert (steps, part["findings"]) == (20, [])
    assert {"what": REST, "why": "only its first 20 steps were watched"} in part["not_examined"]


@pytest.mark.parametrize(("copies", "causes"), [(1.0, ["no_end_of_sequence"]), (0.02, [])])
def test_only_a_decoder_that_is_fed_its_targets_needs_their_end(copies, causes):
    facts = {"targets": {"same_end": 0.2, "filled_rows": 0.8}, "inputs": [{"copies": {"next": copies}}]}
    assert noted(record(experiments={"sequence": facts})) == causes


@pytest.mark.parametrize(("output", "causes"), [(False, ["symmetric_init"]), (True, [])])
def test_equal_units_of_an_answer_come_apart_by_themselves(output, causes):
    assert noted(record(experiments={"units": {"equal_units": [{"weight": "w", "output": output}]}})) == causes


@pytest.mark.parametrize(("way", "causes"), [(0.2, ["flipped_loss_sign"]), (0.95, [])])
def test_wrong_answers_do_not_speak_for_a_turned_loss_that_pushes_the_right_way(way, causes):
    facts = {
        "losses": {"direction": {"start": way}, "negative": 0, "steps": 500},
        "data": {"dev": {"accuracy": 0.01, "classes": 4}},
        "reference": {"crossed_majority": 0.4, "dev_crossed": 0.9},
    }
    assert noted(record(experiments=facts)) == causes


def test_beside_a_fault_that_is_told_by_how_training_went_is_noted_what_else_looks_like_it():
    """Texts without a signal and labels of other texts look alike; a fault that is seen itself stands alone."""
    classes = {"classes": {"0": 1000, "1": 1000}}
    dev = classes | {"accuracy": 0.5, "balanced": 0.5, "rows": 1000, "majority": {"share": 0.5}}
    nothing = {"crossed": 0.5, "crossed_majority": 0.5, "crossed_balanced": 0.5, "rows": 2000, "of": "rows"}
    facts = {"reference": nothing, "data": {"train": classes, "dev": dev}}
    said = diagnosis(record([0.7] * 10, experiments=facts))["findings"]
    assert [(f["cause"], f["severity"]) for f in said] == [("no_signal", "error"), ("labels_misaligned", "info")]
    company = {"max_change": 2.0, "rows": 8, "answer_has_rows": True, "first": {"op": "mean", "input": [8, 5, 4]}}
    said = diagnosis(record([0.7] * 10, experiments=facts | {"company": company}))["findings"]
    assert [f["cause"] for f in said] == ["pooling_over_batch"]


@pytest.mark.parametrize(
    ("crossed", "balanced", "notes"),
    [(0.51, 0.51, ["no_signal", "labels_misaligned"]), (0.8, 0.8, []), (0.51, 0.7, [])],  # or tells a rare class
)
def test_where_a_plain_learner_finds_nothing_either_texts_and_labels_are_to_be_looked_at(crossed, balanced, notes):
    nothing = {"crossed": crossed, "crossed_majority": 0.5, "crossed_balanced": balanced, "rows": 2000, "of": "rows"}
    found = noted(record([0.7, 0.69, 0.68] * 3, experiments={"reference": nothing, "data": {"dev": {}}}))
    assert [c for c in found if c in ("no_signal", "labels_misaligned")] == notes


@pytest.mark.parametrize(("first", "noticed"), [(1e-5, True), (0.4, False)])
def test_layers_that_hardly_felt_the_loss_at_the_start_are_noted_where_training_stands_still(first, noticed):
    weights = {
        f"net.{n}.weight": {"grad": g, "weight": 1.0, "numel": 64} for n, g in enumerate([first, first, 0.5, 0.9, 1.0])
    }
    made = record([1.0] * 9 + [0.99], experiments={"gradients": {"start": {"weights": weights}}})
    assert ("vanishing_gradient" in noted(made)) is noticed


def loss_call(loss, fed=None, target=None, **kwargs):
    return {"losses": {"calls": [{"loss": loss, "input": fed or {}, "target": target or {}, "kwargs": kwargs}]}}


def table(**facts):
    return {"tables": {"tables": [{"name": "emb.weight", "module": "emb", "width": 50, "rows": 900} | facts]}}


def source(**facts):
    known = {"known": 500, "unknown": 20, "source": "vectors.txt", "right": 1.0, "coverage": 0.95, "lower": 0.95}
    return {"vectors": {"tables": [{"table": "emb.weight", "words": 520, "sources": [known | facts]}]}}


def weight(**facts):
    row = {"name": "out.weight", "shape": [4, 8], "trainable": True, "held": True, "in_model": True, "grads": [0.5]}
    return {"weights": {"rows": [row | {"moved": 0.5}, row | {"name": "emb.weight", "moved": 0.5} | facts]}}


ONE = {"sums_to_one_-1": True, "min": 0.1, "max": 0.9}
SCORES = {"min": -3.0, "max": 4.0, "shape": [8, 3]}
MERGED = {
    "files": [{"merged": True, "rows_held_like_merged": 4, "lines": 90, "rows_merged": 70, "file": "a", "line": 1}]
}
SAME, LATER = ({"copies": {way: 1.0}, "future": {"early": 0.005}} for way in ("same", "next"))
CLUES = [
    ("double_softmax", loss_call("cross_entropy", ONE), loss_call("cross_entropy", SCORES)),
    ("double_sigmoid", *(loss_call("binary_cross_entropy_with_logits", fed) for fed in (ONE, SCORES))),
    ("nll_loss_on_probabilities", loss_call("nll_loss", ONE), loss_call("nll_loss", {"min": -4.0, "max": -0.1})),
    ("kl_div_not_log_prob", loss_call("kl_div", ONE), {}),
    ("ctc_raw_logits", loss_call("ctc_loss", SCORES), loss_call("ctc_loss", {"log_sums_to_zero_-1": True})),
    (
        "bce_target_out_of_range",
        *(loss_call("binary_cross_entropy", ONE, {"min": low, "max": 1.0}) for low in (-1.0, 0.0)),
    ),
    (
        "cross_entropy_on_dense_vectors",
        *(loss_call("cross_entropy", SCORES, {"dtype": "torch.float32"} | sums) for sums in (SCORES, ONE)),
    ),
    (
        "loss_shape_broadcast",
        *(loss_call("mse_loss", {"shape": [8, 1]}, {"shape": shape}) for shape in ([8], [8, 1])),
    ),
    ("ignore_index_drops_class", {"ignored": {"share_at_words": 0.01}}, {"ignored": {"share_at_words": 0.0}}),
    ("decoder_target_not_shifted", {"sequence": {"inputs": [SAME]}}, {"sequence": {"inputs": [LATER]}}),
    ("missing_causal_mask", {"sequence": {"inputs": [LATER]}}, {"sequence": {"inputs": [SAME]}}),
    ("pooling_over_batch", *({"company": {"max_change": found, "rows": 8}} for found in (0.01, 0.0))),
    (
        "batch_first_mismatch",
        *({"company": {"max_change": 0.01, "rows": 8, "first": {"op": op}}} for op in ("gru", "mean")),
    ),
    ("attention_mask_inverted", *({"attention": {"calls": [{"to_padding": p, "due": 0.3}]}} for p in (0.9, 0.0))),
    ("train_test_vocab_mismatch", *({"recoding": {"best": {"gain": gain}}} for gain in (0.07, 0.01))),
    ("truncation_removes_signal", *({"truncation": {"gain": gain, "cut_share": 0.5}} for gain in (0.07, 0.01))),
    (
        "unshuffled_training_data",
        *({"data": {"order": {"purity": p, "expected": 0.5, "spread": 0.01}}} for p in (0.65, 0.51)),
    ),
    ("labels_misaligned", *({"pairing": {"gain": gain}} for gain in (0.08, 0.01))),
    ("vocab_row_misaligned", *(source(right=right, others={"other_words": 30}) for right in (0.9, 0.99))),
    ("duplicate_key_overwrite", *(source(others={"variants": many}) for many in (4, 0))),
    ("case_mismatch_oov", source(lower=1.0, coverage=0.85), source()),
    ("oov_scale_mismatch", *(source(unknown_scale={"ratio": ratio}) for ratio in (2.2, 1.1))),
    ("uninitialised_embedding_rows", *(table(norm={"max": longest, "median": 1.0}) for longest in (900.0, 9.0))),
    (
        "pretrained_overwritten_by_init",
        *({"vectors": {"writes": [{"call": "normal_", "before": b}]}} for b in (0.4, 0)),
    ),
    ("quoting_merges_lines", {"lines": MERGED}, {"lines": {"files": []}}),
    (
        "wrong_encoding",
        *({"encoding": {"files": [{"garbled": n, "words": 90, "opened_in": "a", "line": 1}]}} for n in (40, 0)),
    ),
    ("params_missing_from_optimizer", weight(held=False), weight()),
    ("gradient_path_cut", weight(grads=[None, None]), weight()),
    (
        "freeze_flag_ineffective",
        *(table(trainable=moves) | {"vectors": {"wishes": [["FREEZE", "still"]]}} for moves in (True, False)),
    ),
    (
        "lr_too_low",
        *({"weights": {"rows": [weight()["weights"]["rows"][0] | {"moved": moved}]}} for moved in (0.003, 0.5)),
    ),
    ("dead_units", *({"units": {"activations": [{"op": "relu", "end": {"dead": dead}}]}} for dead in (0.8, 0.1))),
]


@pytest.mark.parametrize(("cause", "facts", "others"), CLUES, ids=[cause for cause, _, _ in CLUES])
def test_what_is_seen_of_a_cause_but_proves_nothing_is_noted_where_training_stands_still(cause, facts, others):
    still = [1.0] * 9 + [0.99]
    assert cause in noted(record(still, experiments=facts))
    assert cause not in noted(record(still, experiments=others))


@pytest.mark.parametrize(
    ("cause", "calls"), [("fully_masked_attention", ["masked_fill", "softmax"]), (None, ["linear"])]
)
def test_losses_that_are_no_numbers_point_at_what_can_make_them_so(cause, calls):
    ops = [{"op": op, "learned": True, "inputs": [[8, 5]], "named": {"dim": 1}, "numbers": []} for op in calls]
    made = record([1.0, float("nan")], ops=ops)
    made.watched["curve"]["not_finite"] = 7
    assert [c for c in noted(made) if c == "fully_masked_attention"] == [c for c in (cause,) if c]


@pytest.mark.parametrize(
    ("dim", "causes"), [(0, {"softmax_over_wrong_axis"}), (1, set()), (2, {"softmax_over_single_unit"})]
)
def test_a_softmax_that_adds_up_elsewhere_than_over_the_last_axis_is_noted(dim, causes):
    shape = {0: [8, 3], 1: [8, 3], 2: [8, 3, 1]}[dim]
    ops = [{"op": "softmax", "learned": True, "inputs": [shape], "named": {"dim": dim}, "numbers": []}]
    assert {c for c in noted(record([1.0] * 9 + [0.99], ops=ops)) if c.startswith("softmax")} == causes
