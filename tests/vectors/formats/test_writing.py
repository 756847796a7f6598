"""Numbers as text: what Python's own formatting writes, and always the same float32 when read back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wordfit import WordVectors
from wordfit.vectors.kernels.writing import WIDEST, write_rows


def written(values: np.ndarray) -> list[str]:
    """Each of the numbers (N,) as the kernel writes it."""
    out = np.empty((WIDEST + 2) * len(values), dtype=np.uint8)
    size = write_rows(np.zeros(64, np.uint8), np.zeros(len(values) + 1, np.int64), values[:, None], out)
    return out[:size].tobytes().decode().replace(" ", "").split("\n")[:-1]


def plainly(value: np.float32) -> str:
    """The fewest of six to nine digits that bring a float32 back, by Python."""
    texts = [f"{value:.{digits}g}" for digits in range(6, 10)]
    return next(text for text in texts if np.float32(float(text)).tobytes() == value.tobytes())


@settings(max_examples=300)
@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_any_number_is_written_as_python_writes_it(value):
    value = np.float32(value)
    assert written(np.array([value])) == [plainly(value)]


def test_random_bit_patterns_subnormals_and_powers_come_back_bit_for_bit():
    bits = np.random.default_rng(0).integers(0, 2**32, 200_000, dtype=np.uint64).astype(np.uint32)
    edges = np.concatenate([np.arange(3000), np.arange(2**23 - 500, 2**23 + 500), [0x7F7FFFFF, 0x80000000, 0xFF7FFFFF]])
    powers = np.array([float(f"1e{n}") for n in range(-44, 39)] + [2.0**n for n in range(-149, 128)])
    beside = [np.nextafter(powers.astype(np.float32), np.float32(to)) for to in (0, 3e38)]
    drawn = bits.view(np.float32)
    drawn = drawn[np.isfinite(drawn)]
    values = np.concatenate([drawn, edges.astype(np.uint32).view(np.float32), powers, *beside])
    values = values.astype(np.float32)
    texts = written(values)
    back = np.array(list(map(float, texts))).astype(np.float32)
    assert np.array_equal(back.view(np.uint32), values.view(np.uint32))
    assert texts[::97] == [plainly(value) for value in values[::97]]
    assert max(map(len, texts)) <= WIDEST


def test_a_whole_set_comes_back_from_text_across_blocks(tmp_path, monkeypatch):
    from wordfit.vectors.formats import writing

    monkeypatch.setattr(writing, "NUMBERS", 70)
    rng = np.random.default_rng(2)
    vectors = WordVectors([f"w{i}" * (i % 5) + f"{i}x" for i in range(500)], rng.normal(size=(500, 9)) ** 5)
    for name in ("v.txt", "v.vec", "v.txt.gz"):
        vectors.save(tmp_path / name)
        again = WordVectors.load(tmp_path / name)
        assert list(again) == list(vectors)
        assert np.array_equal(again.vectors.view(np.uint32), vectors.vectors.view(np.uint32))
