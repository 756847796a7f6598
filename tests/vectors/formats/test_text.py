"""Text files of vectors: every line right, or said."""

import contextlib
import io
import tempfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordfit.errors import InputError
from wordfit.vectors.formats import blocks
from wordfit.vectors.formats.layout import layout_of
from wordfit.vectors.formats.lines import LineError, read_line
from wordfit.vectors.formats.reading import Options, RowsInMemory
from wordfit.vectors.formats.text import read_text


def read(content: bytes, plain_file: bool = False, **options):
    """Read as from a pipe, or from a plain file, of which the workers read parts themselves."""
    rows = RowsInMemory()
    with contextlib.ExitStack() as stack:
        file = io.BytesIO(content)
        if plain_file:
            written = stack.enter_context(tempfile.NamedTemporaryFile())
            written.write(content)
            written.flush()
            file = stack.enter_context(open(written.name, "rb"))
        index, notes = read_text(file, "v.txt", rows, Options(**options))
    return list(index), rows.finish(), notes


def numpy_rows(*texts: str) -> np.ndarray:
    return np.array([row.split() for row in texts]).astype(np.float32)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and np.array_equal(a.view(np.uint32), b.view(np.uint32))


def test_values_are_what_numpy_makes_of_the_text():
    rows = ["0.418 -0.24968 7", "1e-3 -1.5E+2 +.5", "0.12345678901234567 -0 5.", "1e-45 3.4e38 1e-60"]
    words, matrix, _ = read("".join(f"w{i} {row}\n" for i, row in enumerate(rows)).encode())
    assert words == ["w0", "w1", "w2", "w3"]
    assert same(matrix, numpy_rows(*rows))


def test_a_value_between_two_float32_is_rounded_by_way_of_float64_as_numpy_does():
    row = "1.00000005960464477539062500000000001 2"
    _, matrix, _ = read(f"w {row}\n".encode())
    assert same(matrix, numpy_rows(row))
    assert matrix[0, 0] == 1.0


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (". . . 1 2", ". . ."),
        ("at name@domain.com 1 2", "at name@domain.com"),
        ("\u0085 1 2", "\u0085"),
        ("a\u00a0b 1 2", "a\u00a0b"),
        ("\u00a0 1 2", "\u00a0"),
        ("\u2028 1 2", "\u2028"),
        ("\x0c 1 2", "\x0c"),
        (" 1 2", ""),
        ("2003 1 2", "2003"),
        ("-0.5 1 2", "-0.5"),
        ("1e5 1 2", "1e5"),
        ("nan 1 2", "nan"),
        ("to the nan 1 2", "to the nan"),
        ("<s> 1 2", "<s>"),
        ("\ufeff 1 2", "\ufeff"),
        ("x 1 2 ", "x"),
        ("x  1   2", "x"),
        ("x\t1\t2", "x"),
        ("x 1 2\r", "x"),
    ],
)
def test_odd_words_and_odd_blanks_are_read_right(line, word):
    words, matrix, notes = read(f"first 3 4\n{line}\nlast 5 6\n".encode())
    assert words == ["first", word, "last"]
    assert same(matrix, numpy_rows("3 4", "1 2", "5 6"))
    assert notes.total == notes.taken == 3


def test_a_whole_file_of_tabs_keeps_spaces_in_its_words():
    words, matrix, _ = read(b"new york\t1\t2\nrome\t3\t4\nla paz\t5\t6\n")
    assert words == ["new york", "rome", "la paz"]
    assert same(matrix, numpy_rows("1 2", "3 4", "5 6"))


def test_windows_line_ends_a_byte_order_mark_and_a_missing_last_line_end():
    words, matrix, notes = read(b"\xef\xbb\xbfa 1 2\r\nb 3 4")
    assert words == ["a", "b"]
    assert same(matrix, numpy_rows("1 2", "3 4"))
    assert notes.remarks == ("starts with a byte order mark",)


def test_the_first_of_a_duplicated_word_wins_and_all_are_listed():
    words, matrix, notes = read(b"a 1\nb 2\na 3\nc 4\nb 5\na 6\n")
    assert words == ["a", "b", "c"]
    assert matrix.ravel().tolist() == [1, 2, 4]
    assert notes.duplicates == ("a", "b", "a")
    assert (notes.total, notes.taken) == (6, 3)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x 1", "expected a word and 2 values, found 1 values"),
        ("x", "found 0 values"),
        ("x 1 2 3", "found 3 values"),
        ("x 1 2y 3 4", "found 3 values"),
        ("x 1 two", "found 1 values"),
        ("x y 1 two", "found 1 values"),
        ("x 1 0x1", "found 1 values"),
        ("x 1 1_0", "found 1 values"),
        ("x 1 nan", "value 2 is not finite: nan"),
        ("x -inf 1", "value 1 is not finite: -inf"),
        ("x 1 1e39", "value 2 is too large for float32: 1e39"),
        ("x 1 3.4028236e38", "value 2 is too large for float32"),
    ],
)
def test_a_line_at_fault_stops_with_its_number_or_is_left_out_and_listed(line, said):
    content = f"a 3 4\n{line}\nb 5 6\nc 7 8\n".encode()
    with pytest.raises(InputError, match="v.txt, line 2: ") as caught:
        read(content)
    assert said in str(caught.value)
    words, matrix, notes = read(content, lenient=True)
    assert words == ["a", "b", "c"]
    assert same(matrix, numpy_rows("3 4", "5 6", "7 8"))
    assert len(notes.left_out) == 1
    assert notes.left_out[0].startswith("line 2: ")
    assert (notes.total, notes.taken) == (4, 3)


def test_the_largest_float32_is_kept_and_half_a_step_more_is_refused():
    largest = "3.40282356779733e38"  # just under half way to the next, which would be infinite
    _, matrix, _ = read(f"a {largest} 1\n".encode())
    assert matrix[0, 0] == np.finfo(np.float32).max
    with pytest.raises(InputError, match="too large"):
        read(b"a 340282356779733661637539395458142568448 1\n")


def test_a_header_gives_the_width_and_its_promise_is_checked():
    words, _, notes = read(b"2 3\na 1 2 3\nb 4 5 6\n")
    assert words == ["a", "b"]
    assert notes.format == "word2vec text"
    with pytest.raises(InputError, match="promises 3 words, the file holds 2"):
        read(b"3 3\na 1 2 3\nb 4 5 6\n")
    assert read(b"3 3\na 1 2 3\nb 4 5 6\n", lenient=True)[2].remarks == (
        "the header promises 3 words, the file holds 2",
    )
    assert read(b"1 3\na 1 2 3\nb 4 5 6\n")[2].taken == 2
    with pytest.raises(InputError, match="header promises 300 values"):
        read(b"2 300\na 1 2 3\nb 4 5 6\n")


def test_a_first_line_of_two_numbers_is_a_word_where_rows_have_one_value():
    words, matrix, _ = read(b"12 7\nb 4\nc 5\n")
    assert words == ["12", "b", "c"]
    assert matrix.ravel().tolist() == [7, 4, 5]


def test_bytes_that_are_not_utf8_are_replaced_kept_or_refused_and_counted():
    content = b"caf\xe9 1 2\nb\xc3\xa4r 3 4\n\xff 5 6\n"
    words, _, notes = read(content)
    assert words == ["caf\ufffd", "b\u00e4r", "\ufffd"]
    assert notes.replaced == 2
    words, _, notes = read(content, invalid="keep")
    assert words[0].encode("utf-8", "surrogateescape") == b"caf\xe9"
    assert notes.replaced == 2
    with pytest.raises(InputError, match="line 1: expected UTF-8"):
        read(content, invalid="refuse")


def test_blank_lines_are_passed_over_and_counted_and_line_numbers_stay_right():
    words, _, notes = read(b"a 1 2\n\n  \nb 3 4\n\n")
    assert words == ["a", "b"]
    assert notes.remarks == ("3 blank lines",)
    with pytest.raises(InputError, match="line 4"):
        read(b"a 1 2\n\n\nb 3\nc 4 5\n")


def test_wanted_words_are_kept_in_the_order_of_the_file_and_the_rest_is_counted():
    content = b"the 1 2\n. . . 3 4\n. 5 6\nnew york 7 8\nnew 9 9\nwrong 1\n 0 0\n"
    words, matrix, notes = read(content, words=frozenset([b"new york", b".", b"nowhere", b""]))
    assert words == [".", "new york", ""]
    assert same(matrix, numpy_rows("5 6", "7 8", "0 0"))
    assert (notes.total, notes.taken) == (7, 3)
    with pytest.raises(InputError, match="line 6"):
        read(content, words=frozenset([b"wrong"]))


def test_a_limit_takes_the_first_words_and_looks_no_further():
    words, _, notes = read(b"a 1 2\nb 3 4\nc wrong\n", limit=2)
    assert words == ["a", "b"]
    assert notes.taken == 2
    assert read(b"a 1 2\nb 3 4\n", limit=0)[0] == []
    assert read(b"a 1 2\nb 3 4\n", limit=9)[0] == ["a", "b"]
    assert read(b"a 1 2\nb 3 4\nc 5 6\n", limit=2, words=frozenset([b"b", b"c"]))[0] == ["b"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"hello\n", b"no numbers here\nnone\n", b"\xff\xfea\0"])
def test_what_is_no_file_of_vectors_is_said(content):
    with pytest.raises(InputError, match="v.txt"):
        read(content)


def test_an_unreasonably_long_line_is_refused(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 1024)
    monkeypatch.setattr(blocks, "LONGEST", 4096)
    with pytest.raises(InputError, match="a line is longer"):
        read(b"x" * 10000)


def plain(content: bytes, width: int, separator: int):
    """The plain reader on every line: what the kernels must agree with."""
    rows: dict[bytes, np.ndarray] = {}
    problems = 0
    for line in content.split(b"\n"):
        if not line.strip(b" \t\r"):
            continue
        try:
            word, values = read_line(line, width)
        except LineError:
            problems += 1
        else:
            rows.setdefault(word.decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape"), values)
    return rows, problems


numbers = st.one_of(
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-100, 100).map("{:.5g}".format),
    st.floats(-1, 1).map("{:.17f}".format),
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(["nan", "inf", "-0", "1e400", "5.", ".5", "+1", "1e", "0x10", "--1", "1.2.3", "", "9" * 25]),
)
names = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["a", "b", ".", ". .", "1", "1 2", "x\ty", " ", "\r", "e9", "\u00a0", "\u0085"]),
)
blanks = st.sampled_from([" ", " ", " ", " ", "\t", "  ", " \t"])


@st.composite
def line(draw):
    fields = draw(st.lists(numbers, min_size=2, max_size=4))
    gap = draw(blanks)
    return draw(names) + gap + gap.join(fields) + draw(st.sampled_from(["", "", " ", "\r", " \r"]))


@settings(max_examples=150, deadline=None)
@given(st.lists(line(), min_size=1, max_size=25), st.booleans(), st.sampled_from([1, 7, 64, 1024]), st.booleans())
def test_kernels_agree_with_the_plain_reader_on_any_lines(lines, last, block, plain_file):
    content = ("a 1 2 3\nb 1 2 3\n" * 3 + "\n".join(lines) + "\n" * last).encode("utf-8", "replace")
    before, blocks.BLOCK = blocks.BLOCK, block
    try:
        words, matrix, notes = read(content, plain_file, lenient=True, invalid="keep")
    except InputError:
        return
    finally:
        blocks.BLOCK = before
    layout = layout_of(content[: max(block, 100)].rpartition(b"\n")[0] + b"\n", "v.txt")
    expected, problems = plain(content[layout.start :], matrix.shape[1], layout.separator)
    assert [word.encode("utf-8", "surrogateescape") for word in words] == list(expected)
    assert same(matrix, np.array(list(expected.values()), dtype=np.float32).reshape(len(expected), -1))
    assert len(notes.left_out) == problems


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([32, 100, 4096]), st.booleans(), st.booleans())
def test_any_bytes_give_an_answer_or_a_message(content, block, lenient, plain_file):
    before, blocks.BLOCK = blocks.BLOCK, block
    try:
        words, matrix, notes = read(content, plain_file, lenient=lenient)
    except InputError as error:
        assert "v.txt" in str(error)  # noqa: PT017 - either a message or an answer
    else:
        assert len(words) == len(matrix) == notes.taken
        assert np.isfinite(matrix).all()
    finally:
        blocks.BLOCK = before


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from([5, 64, 4096]), st.booleans())
def test_wanted_words_are_the_same_rows_as_in_a_whole_reading(data, block, plain_file):
    lines = data.draw(st.lists(line(), min_size=1, max_size=20))
    content = ("a 1 2 3\nb 1 2 3\n" * 3 + "\n".join(lines)).encode("utf-8", "replace")
    before, blocks.BLOCK = blocks.BLOCK, block
    try:
        words, matrix, whole = read(content, plain_file, lenient=True, invalid="keep")
        chosen = data.draw(st.lists(st.sampled_from([*words, "absent"]), unique=True))
        asked = frozenset(word.encode("utf-8", "surrogateescape") for word in chosen)
        some, rows, notes = read(content, plain_file, lenient=True, invalid="keep", words=asked)
    except InputError:
        return
    finally:
        blocks.BLOCK = before
    assert some == [word for word in words if word in chosen]
    assert same(rows, matrix[[words.index(word) for word in some]].reshape(len(some), matrix.shape[1]))
    assert notes.total == whole.total


def test_a_line_longer_than_many_blocks_is_read_where_it_begins(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 16)
    monkeypatch.setattr(blocks, "TAIL", 3)
    content = b"a 1 2\n" + b"x" * 200 + b" 3 4\nb 5 6"
    for plain_file in (False, True):
        words, matrix, _ = read(content, plain_file)
        assert words == ["a", "x" * 200, "b"]
        assert matrix.ravel().tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.real
def test_real_files_are_bit_for_bit_what_numpy_reads(data):
    from wordfit.files import open_bytes

    for path in sorted((data / "vectors").glob("*")):
        with open_bytes(path) as file:
            content = file.read()
        lines = [line for line in content.split(b"\n") if line]
        if len(lines[0].split(b" ")) == 2:
            lines = lines[1:]
        words, matrix, notes = read(content)
        width = matrix.shape[1]
        parts = [line.rsplit(b" ", width) for line in lines]
        assert [word.encode() for word in words] == [part[0] for part in parts]
        assert same(matrix, np.array([part[1:] for part in parts]).astype(np.float32))
        assert notes.total == len(lines)
