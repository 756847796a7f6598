"""Sentences of Python's own documentation: real, labelled by where they stand, and split by docstring."""

import pytest

from wordfit.data.python_docs import PARTS, docstrings, paragraphs, read_documentation, sentences


@pytest.fixture(scope="module")
def documentation():
    return read_documentation()


def test_every_part_of_the_library_has_its_sentences(documentation):
    found = {part for part, _ in documentation.train}
    assert found >= set(PARTS) - {"windows"}  # some systems install tkinter apart
    assert {part for part, _ in documentation.dev} == found
    assert len(documentation.train) > 5000


def test_a_sentence_stands_in_one_split_only(documentation):
    assert not {s for _, s in documentation.train} & {s for _, s in documentation.dev}


def test_a_sentence_that_is_known_has_its_label(documentation):
    labels = dict((s, part) for part, s in documentation.train + documentation.dev)
    assert labels["Decimal floating point has finite precision with arbitrarily large bounds."] == "numbers"


def test_every_docstring_of_a_module_is_read(tmp_path):
    file = tmp_path / "m.py"
    file.write_text('"""Of the module."""\nclass A:\n    """Of A."""\n    def f(self):\n        """Of f."""\n')
    assert dict(docstrings(file)) == {"": "Of the module.", ".A": "Of A.", ".A.f": "Of f."}


def test_a_file_that_does_not_parse_has_no_docstrings(tmp_path):
    (tmp_path / "m.py").write_text("print 'old'")
    assert list(docstrings(tmp_path / "m.py")) == []


def test_prose_is_kept_and_examples_are_not():
    text = (
        "It reads the file and\ngives its ``lines`` back.  A second one follows here.\n\n>>> read('x')\n1\n\nToo short."
    )
    assert paragraphs(text) == ["It reads the file and gives its lines back.  A second one follows here."]
    assert list(sentences(text)) == ["It reads the file and gives its lines back.", "A second one follows here."]


def test_code_and_fragments_are_no_sentences():
    assert list(sentences("x = f(y) + g[z]; return {a: b} is what it does.\n\nreturns the value of the thing")) == []
