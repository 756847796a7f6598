"""The table beside its vectors: as wide as they are, of the model's type, laid out as its width says?"""

from __future__ import annotations

import re
from typing import Any

from wordfit.doctor.finding import Finding, Findings, View, number, seen
from wordfit.doctor.vector_facts import file_place, table_place

ACROSS = 0.25
"""Share of rows that begin amid a vector: half of them where two rows hold one vector; of cut vectors none."""


def embedding_dtype_mismatch(view: View) -> Findings:
    """The table is float64 beside a float32 model."""
    message = (view.error or {}).get("message", "")
    state = view.watched.get("error_state", {})
    kinds = state.get("dtypes", {})
    # elsewhere: what is float64 was made on the way
    elsewhere = state.get("asked") == ["torch.float32"] and "torch.float64" not in state.get("fed", [])
    mixed = "torch.float64" in kinds and "torch.float32" in kinds
    words = ("dtype", "Double", "double", "Float")
    if view.error and mixed and any(w in message for w in words):
        name = kinds["torch.float64"][0]
        yield Finding(
            "embedding_dtype_mismatch",
            0.97,
            [
                seen(
                    "error",
                    None,
                    message=message[:200],
                    float64=kinds["torch.float64"],
                    float32=kinds["torch.float32"][:3],
                )
            ],
            "make the vectors float32 before they become a layer (matrix.astype(np.float32), or "
            "torch.tensor(matrix, dtype=torch.float32))",
            view.site_of_module(name.rsplit(".", 1)[0]) | {"module": name.rsplit(".", 1)[0]},
        )
    elif (
        view.error
        and not elsewhere
        and re.search(r"\bdouble\b", message, re.I)
        and re.search(r"\bfloat\b", message, re.I)
    ):
        yield Finding(
            "embedding_dtype_mismatch",
            0.85,
            [seen("error", None, message=message[:200])],
            "make the vectors float32 before they enter the model",
            _error_place(view),
        )


def _error_place(view: View) -> dict[str, Any]:
    places = [p for p in (view.error or {}).get("places", []) if p["users"]]
    return {"module": None, "file": places[-1]["file"], "line": places[-1]["line"]} if places else {}


def wrong_vectors_width(view: View) -> Findings:
    """The table is not as wide as the vectors: values belong to other words, or are missing."""
    for look in (_cut_or_across, _across_whatever_mapping, _held_narrower, _laid_out_otherwise, _width_in_error):
        if (finding := next(look(view), None)) is not None:
            yield finding
            return


def _wrong_width(confidence: float, evidence: dict[str, Any], remedy: str, place: dict[str, Any]) -> Finding:
    return Finding("wrong_vectors_width", confidence, [evidence], remedy, place)


def _cut_or_across(view: View) -> Findings:
    """Rows of a table that hold parts of their words' vectors, or of two."""
    for table in view.of("vectors").get("tables", []):
        for source in table.get("sources", []):
            if "table_width" not in source or source.get("known", 0) < 8:
                continue
            across = source.get("across", 0) > ACROSS
            fits = any(s.get("right", 0.0) > 0.3 for s in table["sources"])
            beside = source.get("beyond", 0) > 0.5  # other features stand beside the vectors
            if not across and (fits or beside or source["cut_share"] <= 0.5):
                continue
            how = "values run across the borders of words" if across else "vectors were cut or filled up"
            found = {"share_cut": source["cut_share"], "share_across": source["across"]}
            evidence = seen("vectors", {"width": source["width"]}, width=source["table_width"], **found)
            remedy = f"{how}: make the layer as wide as the vectors ({source['width']})"
            yield _wrong_width(0.95, evidence, remedy, table_place(view, table["table"]))


def _across_whatever_mapping(view: View) -> Findings:
    """Rows that begin amid a vector of the file, whatever words they are said to hold."""
    for table in view.of("vectors").get("tables", []):
        for file, found in table.get("across", {}).items():
            if found["share"] > ACROSS:
                of_table = {"width": table["width"], "rows_across_words": found["share"]}
                evidence = seen("vectors", {"width": found["width"]}, **of_table)
                remedy = f"values run across the borders of words: read {file} with {found['width']} values a word"
                yield _wrong_width(0.95, evidence, remedy, table_place(view, table["table"]))


def _held_narrower(view: View) -> Findings:
    """A mapping of words to the beginnings of a file's vectors; one of another file is as wide as that one."""
    for held in view.of("vectors").get("dictionaries", []):
        if 1 < held["held_width"] < held["file_width"] and held["shared"] >= 8 and held["same"] > 0.5:
            evidence = seen("vectors", {"width": held["file_width"]}, width=held["held_width"], same=held["same"])
            remedy = f"read all {held['file_width']} values of a line"
            yield _wrong_width(0.9, evidence, remedy, file_place(view, held["file"]))


def _width_in_error(view: View) -> Findings:
    """An error about shapes that names the width of a file."""
    error = (view.error or {}).get("message", "")
    for width in {f["width"] for f in view.of("vectors").get("files", [])} - {t["width"] for t in view.tables}:
        if re.search(rf"\b{width}\b", error) and re.search("shape|size|broadcast|expand|match", error):
            evidence = seen("error", None, message=error[:200], width_of_vectors=width)
            yield _wrong_width(0.7, evidence, f"make the layer as wide as the vectors ({width})", _error_place(view))


def _laid_out_otherwise(view: View) -> Findings:
    """The table's values fit another width, or stand column by column, far better than as they are."""
    for row in view.of("layout").get("tables", []):
        parts = row.get("spread") or {}
        if number(parts.get("alike") or 0) > 0.15:
            yield Finding(
                "wrong_vectors_width",
                0.9,
                [seen("layout", {"rows_a_word": 1}, rows_a_word=parts["rows_a_word"], parts_agree=parts["alike"])],
                f"a word's vector lies over {parts['rows_a_word']} rows: "
                f"read {parts['rows_a_word'] * row['width']} values a word",
                table_place(view, row["table"]),
            )
            return
        own, width = max(number(row["own"]), 4.0), row["width"]
        turned, best = number(row["column_by_column"]), number(row["best"])
        if turned > max(15.0, 4 * own):
            how = "the values stand column by column: turn the matrix (values.reshape(width, words).T)"
        elif best > max(15.0, 2.5 * own) and row["best_width"] % width:
            how = f"the values repeat every {row['best_width']}, not every {width}: read them with that width"
        else:
            continue
        yield Finding(
            "wrong_vectors_width",
            0.93,
            [
                seen(
                    "layout",
                    {"own": "the largest"},
                    own=row["own"],
                    best=row["best"],
                    best_width=row["best_width"],
                    column_by_column=row["column_by_column"],
                )
            ],
            how,
            table_place(view, row["table"]),
        )
        return


CHECKS = [embedding_dtype_mismatch, wrong_vectors_width]
