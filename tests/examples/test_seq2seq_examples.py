"""The article's seq2seq programs, as printed and mended, do what their pages say of them."""

import importlib
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(monkeypatch, name):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(name)


@pytest.mark.parametrize("variant", ["printed", "clipped", "tuned", "ported", "mended"])
def test_the_torch_program_behaves_as_described(monkeypatch, variant):
    program = example(monkeypatch, "seq2seq_torch")
    model, losses, says = program.trained(variant, program.vectors(), steps=60)
    change, exact = program.judged(variant, model)
    assert (min(losses) < 0) == (variant == "ported")
    assert (change == 0) == (variant != "mended"), "the printed encoder is connected to nothing"
    assert (exact == 1.0) == (variant == "mended")
    assert ("below zero" in says) == (variant == "ported")


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras 3 under NumPy 2
def test_the_keras_programs_are_never_negative_and_only_the_mended_one_reads_the_source(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    pytest.importorskip("keras")
    program = example(monkeypatch, "seq2seq_keras")
    for variant in ("printed", "mended"):
        model, losses, (source, before, target) = program.trained(variant, program.vectors().numpy(), epochs=2)
        outputs = model.predict([source, before], verbose=0)
        moved = abs(outputs - model.predict([source[::-1].copy(), before], verbose=0)).max()
        assert min(losses) >= 0
        assert (moved == 0) == (variant == "printed")
        assert "cannot be negative" in program.says(variant, outputs, target)
