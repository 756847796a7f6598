"""Words and their vectors."""

from __future__ import annotations

import math
from collections.abc import Iterator

from wordfit.doctor.checks.course import Course
from wordfit.doctor.checks.suspicions.clue import Clue, Suspicions, line
from wordfit.doctor.finding import number
from wordfit.doctor.vector_facts import file_place, sources, table_place


def tokenizer_mismatch_oov(course: Course) -> Iterator[Clue]:
    """Many words of the texts have no vector."""
    unknown = course.view.of("vectors").get("unknown") or {}
    as_written = 1 - number(unknown.get("coverage") or 1.0)
    share = max(number(unknown.get("share")), as_written if "mapping" in unknown else 0.0)  # else zeros that were fed
    if share > 0.3:
        yield min(0.25 + 0.3 * share, 0.5), line("vectors", words_without_a_vector=share), {}


def wrong_vectors_width(course: Course) -> Iterator[Clue]:
    """No table is as wide as the vectors of the file."""
    vectors = course.view.of("vectors")
    widths = {f["width"] for f in vectors.get("files") or [] if f.get("words", 0) > 50}
    if any(table.get("width") in widths for table in course.view.tables):
        return
    for table in course.view.tables:
        if widths and table.get("width") not in widths and table.get("rows", 0) > 50:
            yield 0.45, line("vectors", file=max(widths), table=table["width"]), table


def pretrained_not_loaded(course: Course) -> Iterator[Clue]:
    """A vector file was read, and no table holds its rows."""
    vectors = course.view.of("vectors")
    held = any(t.get("mapping") and number(t.get("same") or t.get("agree")) > 0.5 for t in vectors.get("tables") or [])
    if vectors.get("files") and not held and course.lag > 0.05:
        yield 0.2, line("vectors", files=len(vectors["files"])), course.view.tables[0] if course.view.tables else {}


def oov_scale_mismatch(course: Course) -> Iterator[Clue]:
    """Rows of a table differ in length by far."""
    unknown = course.view.of("vectors").get("unknown") or {}
    scale = unknown.get("scale") or {}
    ratios = [number(scale.get("unknown")) / (number(scale.get("known")) or math.nan)]
    ratios += [number((source.get("unknown_scale") or {}).get("ratio")) for _, source in sources(course.view)]
    for ratio in ratios:
        if ratio > 1.5 or 0 < ratio < 0.3:
            yield 0.4 if ratio > 1 else 0.3, line("vectors", ratio=ratio), {}


def vocab_row_misaligned(course: Course) -> Iterator[Clue]:
    """Some rows hold vectors of other words."""
    for table, source in sources(course.view):
        others = source.get("others") or {}
        if others.get("other_words", 0) >= 2 and number(source.get("right")) < 0.95:
            found = {"rows_of_other_words": others["other_words"], "right": source["right"]}
            yield 0.4, line("vectors", **found), table_place(course.view, table["table"])


def pretrained_overwritten_by_init(course: Course) -> Iterator[Clue]:
    """A table that held vectors was written to."""
    for written in course.view.of("vectors").get("writes", []):
        if number(written.get("before")) > 0.2:
            found = line("vectors", call=written["call"], rows_held_vectors_before=written["before"])
            yield 0.4, found, course.view.place(written)


def uninitialised_embedding_rows(course: Course) -> Iterator[Clue]:
    """A table, or what fills it, began as memory that nothing was written to; or single rows are far longer."""
    facts = course.view.of("vectors")
    if made := [*(facts.get("empties") or []), *(facts.get("bare") or [])]:
        weight = 0.4 if any(m.get("unwritten") for m in made) else 0.28
        yield weight, line("vectors", made_as=made[0].get("matrix") or made[0].get("table")), course.view.place(made[0])
    for table in course.view.tables:
        norm = table.get("norm") or {}
        if number(norm.get("max")) > 100 * number(norm.get("median")) > 0:
            yield 0.35, line("tables", longest=norm["max"], median=norm["median"]), table


def case_mismatch_oov(course: Course) -> Iterator[Clue]:
    """Words without a vector have one in another case."""
    unknown = course.view.of("vectors").get("unknown") or {}
    told = [(unknown, 1 - unknown.get("share", 0.0)), *((s, s.get("coverage", 1.0)) for _, s in sources(course.view))]
    gain = max(number(of.get("lower") or 0.0) - max(known, number(of.get("coverage") or 0.0)) for of, known in told)
    if gain > 0.03:
        yield min(0.2 + gain, 0.5), line("vectors", found_in_lower_case=gain), {}


def duplicate_key_overwrite(course: Course) -> Iterator[Clue]:
    """Spellings share a key, or a row holds the vector of another spelling."""
    facts = course.view.of("vectors")
    over = max((d.get("overwritten", 0) for d in facts.get("dictionaries", [])), default=0)
    variants = max(((s.get("others") or {}).get("variants", 0) for _, s in sources(course.view)), default=0)
    if max(over, variants) >= 2:
        yield 0.4, line("vectors", overwritten=over, rows_of_other_spellings=variants), file_place(course.view)


def glove_token_with_spaces(course: Course) -> Iterator[Clue]:
    """The file that was read has words with spaces."""
    for file in course.view.of("vectors").get("files", []):
        if file.get("spaced_count"):
            yield 0.32, line("vectors", words_with_spaces=file["spaced_count"]), file_place(course.view, file["name"])


def header_line_as_vector(course: Course) -> Iterator[Clue]:
    """The file that was read begins with a header."""
    for file in course.view.of("vectors").get("files", []):
        if file.get("header"):
            yield 0.25, line("vectors", header=file["header"]), file_place(course.view, file["name"])


def wrong_encoding(course: Course) -> Iterator[Clue]:
    """Some words look garbled, or words with accents are lost."""
    for row in course.view.of("encoding").get("files", []):
        if row["garbled"]:
            place = {"module": None, "file": row["opened_in"], "line": row["line"]}
            weight = 0.4 if row["garbled"] > 0.1 * row["words"] else 0.2
            yield weight, line("encoding", garbled=row["garbled"], words=row["words"]), place
    for held in course.view.of("vectors").get("dictionaries", []):
        if held.get("accents_held", 0) < 0.8 * held.get("accents", 0):
            found = {"with_accents": held["accents"], "held_rightly": held["accents_held"]}
            weight = 0.35 if held.get("garbled", 0) > 0.2 * held["accents"] else 0.15
            yield weight, line("vectors", **found), file_place(course.view, held["file"])


def quoting_merges_lines(course: Course) -> Iterator[Clue]:
    """A file that was read has lines that quotation marks would merge."""
    for file in course.view.of("lines").get("files", []):
        if file.get("merged"):
            place = {"module": None, "file": file["file"], "line": file["line"]}
            weight = 0.4 if file.get("rows_held_like_merged") else 0.28
            yield weight, line("lines", lines=file["lines"], rows=file["rows_merged"]), place


SUSPICIONS: Suspicions = {
    tokenizer_mismatch_oov: "list the commonest words without a vector: do they look as the file writes words?",
    vocab_row_misaligned: "look up three words in the table and in the file, and compare",
    pretrained_overwritten_by_init: "compare one row of the table with the file right before training",
    uninitialised_embedding_rows: "start the table from zeros or small random numbers, then copy the vectors found",
    case_mismatch_oov: "list the commonest words without a vector: do they have one in another case?",
    duplicate_key_overwrite: "keep the first spelling of a word: files are sorted by frequency",
    glove_token_with_spaces: "take the last fields of a line as the vector, and the rest, joined, as the word",
    header_line_as_vector: "print how many words were read, and the first of them: is it a number?",
    wrong_encoding: "print ten words with accents as they were read",
    quoting_merges_lines: "compare the number of rows with the number of lines",
    wrong_vectors_width: "compare one row of the table with the file, value by value",
    pretrained_not_loaded: "compare one row of the table with the file before training",
    oov_scale_mismatch: "draw rows without a vector at the standard deviation of the others",
}
