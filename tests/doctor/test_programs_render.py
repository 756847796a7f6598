"""The test programs render to what a person would have written."""

import ast

import pytest

from tests.doctor.programs import programs, render

SOURCE = """x = 1
def f(embedded, mask):
    # a remark
    # fault:
    return embedded.mean(1)
    # mended:
    # if mask is None:
    #     return 0
    # return (embedded * mask).sum(1)
    # end
"""


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "a.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_the_faulty_variant_holds_the_fault_only(program):
    text = render(program, "faulty")
    assert text == "x = 1\ndef f(embedded, mask):\n    # a remark\n    return embedded.mean(1)\n"


def test_the_mended_variant_is_uncommented_with_its_indentation(program):
    assert render(program, "mended").splitlines()[3:] == [
        "    if mask is None:",
        "        return 0",
        "    return (embedded * mask).sum(1)",
    ]


def test_a_block_that_is_not_closed_is_refused(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("# fault:\nx = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not closed"):
        render(path, "faulty")


@pytest.mark.parametrize("program", programs(), ids=lambda p: p.name)
def test_every_program_is_python_in_both_variants(program):
    source = program.source()
    ast.parse(source)
    assert "# fault:" not in source
    assert "# mended:" not in source
