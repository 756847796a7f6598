"""Files read wrongly: headers, spaces, encodings, spellings, quotation marks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wordfit.doctor.finding import Finding, Findings, View, seen
from wordfit.doctor.vector_facts import file_place, sources


def header_line_as_vector(view: View) -> Findings:
    """The first line of a word2vec text file (how many, how wide) became a word or the width."""
    for file in view.of("vectors").get("files", []):
        if not file.get("header"):
            continue
        count = file["header"][0]
        dictionaries = [d for d in view.of("vectors").get("dictionaries", []) if d["file"] == file["name"]]
        word = [d for d in dictionaries if d["header_word"]]
        narrow = [d for d in dictionaries if d["held_width"] == 1 and file["width"] > 1]
        tables = [t for t in view.tables if t["width"] == 1]
        features = [m for m in view.of("vectors").get("narrow", []) if m["file"] == file["name"]]
        mapped = count in view.of("vectors").get("header_mapped", [])
        if word or narrow or tables or features or mapped:
            yield Finding(
                "header_line_as_vector",
                0.96,
                [
                    seen(
                        "vectors",
                        {"width": file["width"]},
                        header=file["header"],
                        held_as_word=bool(word),
                        widths=[d["held_width"] for d in narrow] + [t["width"] for t in (*tables, *features)],
                    )
                ],
                f"skip the first line of {file['name']} ('{' '.join(file['header'])}'): it says "
                "how many words and how wide, and is no vector",
                file_place(view, file["name"]),
            )
            return
    text = (view.error or {}).get("message", "")
    if (
        view.error
        and any(f.get("header") for f in view.of("vectors").get("files", []))
        and any(w in text for w in ("shape", "size", "inhomogeneous", "expand", "match", "stack"))
    ):
        yield Finding(
            "header_line_as_vector",
            0.6,
            [seen("error", None, message=text[:200])],
            "skip the first line of the vector file",
            file_place(view),
        )


def glove_token_with_spaces(view: View) -> Findings:
    """Words with spaces were cut at the first space, and overwrote or lost others."""
    for file in view.of("vectors").get("files", []):
        confidence, evidence = next(_spaces_cut(view, file), (0.0, None)) if file.get("spaced_count") else (0.0, None)
        if evidence:
            remedy = f"take the last {file['width']} fields of a line as the vector and the rest, joined, as the word"
            place = file_place(view, file["name"])
            yield Finding("glove_token_with_spaces", confidence, [evidence], remedy, place)
            return


def _spaces_cut(view: View, file: dict[str, Any]) -> Iterator[tuple[float, dict[str, Any]]]:
    """How sure it is that words of a file were cut, and by what: the surest sign first."""
    vectors, name = view.of("vectors"), file["name"]
    for held in [d for d in vectors.get("dictionaries", []) if d["file"] == name]:
        if held["cut_only"] >= 2 or (held["cut_words"] and held["same"] < 0.999):
            found = {"words_with_spaces": file["spaced_count"], "examples": file["spaced"][:5]}
            yield 0.93, seen("vectors", {"same_vectors": 1.0}, **found, same_vectors=held["same"])
    for piece in [p for p in vectors.get("pieces", []) if p["file"] == name]:
        yield 0.95, seen("vectors", {"rows": 0}, rows=piece["rows"], of=piece["of"], examples=piece["examples"])
    for others in [s.get("others", {}) for _, s in sources(view) if s["source"] == name]:
        if others.get("pieces"):
            found = {"rows_of_longer_words": others["pieces"], "examples": others["examples"]}
            yield 0.9, seen("vectors", {"right": 1.0}, **found)
    for lost in [row for row in _spaced_words(view, name) if row["known"] >= 3]:
        if lost["right"] < 0.2 and lost["others_right"] > 0.8:
            found = {"words_with_spaces": lost["known"], "right_without_spaces": lost["others_right"]}
            yield 0.9, seen("vectors", {"right": 1.0}, right=lost["right"], **found)
    message = (view.error or {}).get("message", "")
    if any(said in message for said in ("could not convert string to float", "inhomogeneous", "invalid literal")):
        yield 0.9, seen("error", None, message=message[:200], words_with_spaces=file["spaced_count"])


def wrong_encoding(view: View) -> Findings:
    """The file was decoded wrongly: words with other letters than ASCII are held garbled or not at all."""
    for confidence, evidence, remedy, place in _garbled(view):
        yield Finding("wrong_encoding", confidence, [evidence], remedy, place)
        return


def _garbled(view: View) -> Iterator[tuple[float, dict[str, Any], str, dict[str, Any]]]:
    """Confidence, evidence, remedy and place of every sign that words were garbled: the surest first."""
    for row in view.of("encoding").get("files", []):
        few = row["share_of_all_words"] < 0.01  # a few names in a text do no harm
        if not few and row["garbled"] >= max(3, 0.2 * row["words"]):
            found = {key: row[key] for key in ("words", "right", "garbled")}
            place = {"module": None, "file": row["opened_in"], "line": row["line"]}
            remedy = f"open {row['file']} with encoding='{row['encoding']}'"
            yield 0.95, seen("encoding", {"right": row["words"]}, **found), remedy, place
    for held in view.of("vectors").get("dictionaries", []):
        words, right = held["accents"], held["accents_held"]
        if words >= 5 and held["garbled"] >= 0.3 * words and right < 0.5 * words:
            found = {"words": words, "held_right": right, "held_garbled": held["garbled"]}
            remedy = f"open {held['file']} with encoding='utf-8'"
            yield 0.95, seen("vectors", {"accents_held": words}, **found), remedy, file_place(view, held["file"])
    for _table, source in sources(view):
        if source.get("decoded", 0) - source.get("coverage", 0) >= 0.02:
            found = {"coverage": source["coverage"], "coverage_decoded_rightly": source["decoded"]}
            remedy = "open texts and vectors with the encoding they are written in (encoding='utf-8')"
            evidence = seen("vectors", None, **found, missing=source["missing"])
            yield 0.93, evidence, remedy, file_place(view, source["source"])
    if view.error and view.error["type"] == "UnicodeDecodeError":
        evidence = seen("error", None, message=view.error["message"][:200])
        yield 0.8, evidence, "open the file with the encoding it is written in", file_place(view)


def duplicate_key_overwrite(view: View) -> Findings:
    """A later, rarer spelling replaced the vector of a frequent word."""
    for held in view.of("vectors").get("dictionaries", []):
        if (
            held["several_spellings"] >= 3
            and held["overwritten"] >= 0.2 * held["several_spellings"]
            and held["overwritten"] >= 3
        ):
            yield Finding(
                "duplicate_key_overwrite",
                0.93,
                [
                    seen(
                        "vectors",
                        {"overwritten": 0},
                        overwritten=held["overwritten"],
                        of=held["several_spellings"],
                        examples=held["overwritten_examples"],
                    )
                ],
                "keep the first spelling (vectors.setdefault(word.lower(), vector)): files are sorted by frequency",
                file_place(view, held["file"]),
            )
            return
    for _table, source in sources(view):
        others = source.get("others", {})
        if (
            others.get("variants", 0) >= 3
            and others["variants"] >= 0.5 * max(others["wrong"], 1)
            and source.get("right", 0) + others["variants"] / source["known"] > 0.6
        ):
            yield Finding(
                "duplicate_key_overwrite",
                0.9,
                [
                    seen(
                        "vectors",
                        {"rows_of_other_spellings": 0},
                        rows_of_other_spellings=others["variants"],
                        examples=others["examples"],
                        token_share=others["variant_tokens"],
                    )
                ],
                "keep the first spelling (vectors.setdefault(word.lower(), vector)): files are sorted by frequency",
                file_place(view, source["source"]),
            )
            return


def quoting_merges_lines(view: View) -> Findings:
    """Quotation marks made the reader join lines: the program holds fewer, longer rows than the file."""
    for file in view.of("lines").get("files", []):
        if file.get("merged") and file["rows_held_like_merged"]:
            yield Finding(
                "quoting_merges_lines",
                0.95,
                [
                    seen(
                        "lines",
                        {"rows": file["lines"]},
                        rows=file["rows_merged"],
                        lines=file["lines"],
                        longest=file["longest_merged"],
                    )
                ],
                "read it with quoting=csv.QUOTE_NONE (pandas: quoting=3): quotation marks are text there",
                {"module": None, "file": file["file"], "line": file["line"]},
            )
            return


def _spaced_words(view: View, file: str) -> list[dict[str, Any]]:
    """How many words with spaces hold their vector of a file, table by table."""
    tables = view.of("vectors").get("tables", [])
    return [
        s["with_spaces"] for t in tables for s in t.get("sources", []) if s["source"] == file and "with_spaces" in s
    ]


CHECKS = [
    header_line_as_vector,
    glove_token_with_spaces,
    wrong_encoding,
    duplicate_key_overwrite,
    quoting_merges_lines,
]
