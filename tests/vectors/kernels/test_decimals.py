"""Compiled decimal reading against Python's own, bit for bit."""

import math
import struct

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wordfit.vectors.kernels.decimals import read_number


def compiled(text: str) -> float | None:
    """What the kernel makes of a text; None where it leaves it to Python."""
    memory = np.frombuffer(bytearray(text.encode() + b" " + bytes(64)), dtype=np.uint8)
    value, end = read_number(memory, 0)
    assert end in (-1, len(text))
    return None if end < 0 else value


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def agrees(text: str) -> bool:
    value = compiled(text)
    return value is None or bits(value) == bits(float(text))


digits = st.integers(0, 10**19).map(str)
places = st.integers(0, 20)
exponents = st.one_of(
    st.just(""), st.integers(-100, 100).map(lambda e: f"e{e}"), st.integers(0, 40).map("E+{:02d}".format)
)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(["", "-", "+"]), digits, places, exponents)
def test_any_decimal_is_read_as_python_reads_it_or_left_to_it(sign, whole, place, exponent):
    text = sign + (whole if place == 0 else f"{whole[:-place] or '0'}.{whole[-place:].zfill(place)}") + exponent
    assert agrees(text), text


@settings(max_examples=400, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 18))
def test_any_float_in_any_precision_is_read_as_python_reads_it(value, precision):
    for text in (repr(value), f"{value:.{precision}e}", f"{value:.17g}"):
        assert agrees(text), text


@settings(max_examples=500, deadline=None)
@given(st.integers(2**53, 2**63), st.sampled_from([0, 1, 2, 5, 9]), st.integers(-1, 1))
def test_decimals_half_way_between_two_floats_round_to_even(middle, scale, beside):
    exact = (middle | 1 << 10) & ~((1 << 10) - 1)  # ends in a lone bit below float64's last
    assert agrees(f"{exact + beside}e{scale}")
    assert agrees(f"{exact + beside}e-{scale}")


def test_ordinary_numbers_are_not_left_to_python():
    for text in ("0", "-0.0", "0.418", "-0.00066023", "1e-05", "3.4028234663852886e+38", "0.12345678901234567"):
        value = compiled(text)
        assert value is not None
        assert bits(value) == bits(float(text))


def test_what_is_not_a_plain_number_is_left_alone():
    for text in ("", "-", ".", "e5", "1e", "nan", "-inf", "12345678901234567890", "1e99999"):
        assert compiled(text) is None, text


def test_float32_bounds_and_subnormals():
    smallest = "1.401298464324817e-45"
    for text in (smallest, "7.006492321624085e-46", "7.0064923216240854e-46", "1.1754942e-38", "3.4028235e38"):
        value = compiled(text)
        assert value is None or np.float32(value) == np.float32(float(text))
    assert math.isclose(float(np.float32(compiled(smallest))), 1.401298464324817e-45)
