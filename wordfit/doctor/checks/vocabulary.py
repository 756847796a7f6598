"""Words and ids: are words known to the vectors, and known by one id everywhere?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen
from wordfit.doctor.vector_facts import file_place, sources, table_place


def train_test_vocab_mismatch(view: View) -> Findings:
    """Training and evaluation were encoded with different mappings."""
    facts = view.of("recoding")
    best, overlap, counts, after = (facts.get(k) or {} for k in ("best", "overlap", "counts", "neighbours"))
    dev_rows = max((view.of("data").get("dev") or {}).get("rows", 1), 1)
    evidence = []
    if best.get("gain", 0) > 0.1 + 1 / dev_rows**0.5:
        mappings = [best["first"], best["second"]]
        found = {"accuracy": best["before"], "recoded": best["after"], "mappings": mappings, "same_ids": best["same"]}
        evidence.append(seen("recoding", {"gain": 0.0}, **found))
    lacking = overlap.get("expected", 0.0) - overlap.get("as_one", 0.0)
    restored = overlap.get("gain", 0.0) > max(0.04, 0.85 * lacking)  # next to all that is lacking
    if (lacking > 0.08 and overlap["gain"] > max(0.06, 0.5 * lacking)) or (lacking > 0.04 and restored):
        evidence.append(
            seen("recoding", {"gain": 0.0}, words_alike_by_one_mapping=overlap["as_one"], by_two=overlap["as_two"])
        )
    unlike = after.get("expected", 0.0) - after.get("as_one", 0.0)  # where nothing is lacking, a gain is chance
    if after.get("sure", 0) > 6 and unlike > 0.1 and after["gain"] > max(0.1, 0.5 * unlike):
        evidence.append(
            seen("recoding", {"gain": 0.0}, likely_by_one_mapping=after["as_one"], likely_by_two=after["as_two"])
        )
    if counts and counts["same"] < 0.3:
        evidence.append(
            seen(
                "recoding",
                {"same_ids": 1.0},
                same_ids=counts["same"],
                words=counts["words"],
                examples=counts["examples"],
            )
        )
    columns = facts.get("columns") or {}
    if columns and columns["expected"] > 0.5 and columns["alike"] < 0.3 * columns["expected"]:
        found = {"columns_alike": columns["alike"]}
        evidence.append(seen("recoding", {"columns_alike": columns["expected"]}, **found))
    if evidence:
        name = next((found["first"] for found in (best, overlap, after) if found.get("first")), None)
        yield Finding(
            "train_test_vocab_mismatch",
            0.95,
            evidence,
            "encode every split with one mapping, built on the training texts" + (f" ({name})" if name else ""),
            {},
        )
        return
    error = view.error or {}
    sizes = [size for pair in view.of("vectors").get("two_mappings", []) for size in pair["sizes"]]
    if error.get("type") == "IndexError" and "index out of range" in error["message"] and sizes:
        rows = [t["rows"] for t in view.of("vectors").get("tables", [])]
        if rows and min(sizes) <= max(rows) < max(sizes):
            yield Finding(
                "train_test_vocab_mismatch",
                0.8,
                [seen("error", None, message=error["message"][:200], mappings_of=sorted(set(sizes)), rows=rows)],
                "encode every split with one mapping, and make the table as long as that mapping",
                {},
            )


def oov_scale_mismatch(view: View) -> Findings:
    """Rows of words without a vector are drawn at another scale than the vectors."""
    for table, source in sources(view):
        scale = source.get("unknown_scale")
        if not scale or source.get("right", 0) < 0.5 or not scale.get("drawn"):
            continue
        ratio, share = number(scale["ratio"]), scale.get("token_share", 0)
        drown = ratio > 2.5 and share * ratio**2 > 6 * (1 - share)  # in a sum of squares over the running words
        if (ratio > 3 or ratio < 0.1 or drown) and share > 0.01 and scale["drawn"] >= 3:
            yield Finding(
                "oov_scale_mismatch",
                0.9 if ratio > 1 else 0.6,
                [
                    seen(
                        "vectors",
                        {"ratio": "0.3 to 2.5"},
                        ratio=ratio,
                        rows=scale["drawn"],
                        token_share=share,
                    )
                ],
                "draw unknown rows with the mean and standard deviation of the vectors "
                "(torch.randn(D) * vectors.std() + vectors.mean())",
                table_place(view, table["table"]),
                severity=ERROR if ratio > 1 else WARNING,
            )
            return


AS_WRITTEN = "write the texts' words as the vectors write them (lower only where the vectors are lower-cased)"
AS_CUT = "cut texts as the vector set was cut (marks, clitics, numbers, each word of a name like openFile by itself)"


def case_and_token_mismatch(view: View) -> Findings:
    """Words are missing from the vectors only because of letter case, or of how texts were cut."""
    told = view.of("vectors").get("unknown") or {}
    place = file_place(view, told.get("source"))
    for look in (_all_alike, _written_otherwise, _unspaced, _lost_words, _left_uncut):
        if found := look(told):
            name, confidence, evidence, remedy = found
            yield Finding(name, confidence, [evidence], remedy, place)
            return
    yield from _missing_by_table(view)


Mismatch = tuple[str, float, dict[str, Any], str]
"""Cause, confidence, evidence and remedy."""


def _written_otherwise(told: dict[str, Any]) -> Mismatch | None:
    """Unknown words of the texts that have a vector in another case, or with marks split off."""
    if told.get("share", 0) <= 0.12 or "coverage" not in told or told.get("decoded", 0) - told["coverage"] > 0.05:
        return None
    known = 1 - told["share"]
    case = max(told["coverage"], told["lower"]) - known
    marks = max(told["stripped"], told["pieces"], told["both"], told.get("joined", 0.0)) - known
    if max(case, marks) - told.get("beyond", 0.0) < 0.1:
        return None
    recased = any(s < told["coverage"] - 0.1 and known < s + 0.03 for s in told.get("changed_case", []))
    if (
        max(case, marks) - (told["coverage"] - known) < 0.05 and not recased
    ):  # words as written have one: lost elsewhere
        return None
    evidence = seen(
        "vectors",
        {"unknown": "a few per cent"},
        unknown=told["share"],
        with_vector_as_written=told["coverage"],
        with_case_folded=told["lower"],
        with_marks_split=max(told["stripped"], told["pieces"]),
        missing=told["missing"],
    )
    alone = max(told["stripped"], told["pieces"], told.get("joined", 0.0)) - known
    if case >= marks - 0.03 or recased or (case >= 0.1 and alone < 0.3 * case):  # marks help once the case is right
        return "case_mismatch_oov", 0.93, evidence, AS_WRITTEN
    return "tokenizer_mismatch_oov", 0.93, evidence, AS_CUT


def _unspaced(told: dict[str, Any]) -> Mismatch | None:
    """Texts without spaces that can be cut into words with a vector."""
    cut, share = told.get("unspaced") or {}, told.get("share", 0)
    if share <= 0.3 or cut.get("covered", 0) <= 0.9 or cut["in_words"] <= share - 0.3:
        return None
    evidence = seen("vectors", {"unknown": "a few per cent"}, unknown=share, **cut)
    remedy = "cut texts as the vector set was cut: into the words that have a vector, the longest first"
    return "tokenizer_mismatch_oov", 0.9, evidence, remedy


def _lost_words(told: dict[str, Any]) -> Mismatch | None:
    """Frequent words of the texts that have a vector and came to no id, where what is fed came from these texts."""
    lost = told.get("lost") or {}
    if lost.get("share", 0) <= 0.12 or lost.get("fed_in_texts", 1.0) < 0.5:
        return None
    name = "case_mismatch_oov" if lost["in_other_case"] > 0.5 else "tokenizer_mismatch_oov"
    evidence = seen("vectors", {"frequent_words_lost": 0.0}, frequent_words_lost=lost["share"], words=lost["words"])
    remedy = (
        "look words up as they are written in the vectors: the texts hold frequent words that have a vector, "
        "but not after they were cut or changed"
    )
    return name, 0.88, evidence, remedy


def _left_uncut(told: dict[str, Any]) -> Mismatch | None:
    """Words made of several that have a vector, and none of these in the rows: what has no vector was left out."""
    fed, known, cut = (told.get(key, 0.0) for key in ("a_row_fed", "a_row_known", "a_row_in_pieces"))
    if cut < 3 or cut - known < max(1.0, 0.25 * known) or abs(fed - known) > 0.1 * known + 0.2 * (cut - known):
        return None
    evidence = seen("vectors", {"a_row_fed": cut}, a_row_fed=fed, a_row_known=known, a_row_in_pieces=cut)
    return "tokenizer_mismatch_oov", 0.88, evidence, AS_CUT


def _all_alike(told: dict[str, Any]) -> Mismatch | None:
    """Most rows fed are one and the same, and the words of their texts have a vector: they were changed on the way."""
    if told.get("alike", 0) <= 0.5 or min(told["coverage"], told["lower"]) <= 0.6:  # case does not matter
        return None
    found = {"rows_alike": told["alike"], "with_vector_as_written": told["coverage"]}
    remedy = "look words up as they are written in the vectors: what cuts the texts adds to the words, or changes them"
    return "tokenizer_mismatch_oov", 0.85, seen("vectors", {"rows_alike": "a few per cent"}, **found), remedy


def _missing_by_table(view: View) -> Findings:
    """Words of a table's mapping that its source holds in another case, or with marks split off."""
    for table, source in sources(view) or _any_source(view):
        plain, both = source.get("coverage", 1.0), source.get("both", 0.0)
        case = source.get("lower", 1.0) - plain
        marks = max(source.get("stripped", 0.0), source.get("pieces", 0.0)) - plain
        if both - plain < 0.1 and max(case, marks) < 0.1:
            continue
        if source.get("decoded", 0) - plain >= 0.5 * max(both - plain, 1e-9):
            continue
        evidence = seen(
            "vectors",
            None,
            tokens_with_vector=plain,
            with_case_folded=plain + case,
            with_marks_split=plain + marks,
            missing=source["missing"],
        )
        name, remedy = "tokenizer_mismatch_oov", AS_CUT
        if case >= marks:
            name, remedy = "case_mismatch_oov", "lower texts before looking words up, as the vectors are lower-cased"
        place = file_place(view, source["source"]) or table_place(view, table["table"])
        yield Finding(name, 0.93, [evidence], remedy, place)
        return


def _any_source(view: View) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    found = []
    for table in view.of("vectors").get("tables", []):
        rows = [s for s in table.get("sources", []) if s.get("known", 0) + s.get("unknown", 0) >= 20]
        if rows:
            found.append((table, max(rows, key=lambda s: s["known"])))
    return found


CHECKS = [
    train_test_vocab_mismatch,
    oov_scale_mismatch,
    case_and_token_mismatch,
]
