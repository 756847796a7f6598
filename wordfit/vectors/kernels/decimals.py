"""Decimal text to float64, correctly rounded, without big arithmetic: the compiled half of exactness.

NumPy reads text as float64 and rounds that to float32; so do the kernels, bit for bit. Few digits take Clinger's way
(both the digits and the power of ten are exact in float64, so one division rounds once); up to 19 digits take
Lemire's ("Number parsing at a gigabyte per second", Software: Practice and Experience 2021). What neither
decides, or an exponent far outside float32, is left to Python's own `float`.
"""

# mypy: ignore-errors
from __future__ import annotations

import numpy as np
from numba import njit

from wordfit.vectors.kernels.native import byte_at, double_of_bits, high_product, leading_zeros

_LEAST, _MOST = -80, 60  # decimal exponents that the table covers


def _power_of_five(q: int) -> int:
    """The first 128 bits of 5**q: cut off for positive q, rounded up for negative q."""
    if q >= 0:
        power = 5**q
        shift = power.bit_length() - 128
        return power >> shift if shift > 0 else power << -shift
    power = 5**-q
    bits = power.bit_length() + 127  # makes the quotient 128 bits wide
    quotient = (1 << bits) // power + 1
    return quotient >> (quotient.bit_length() - 128)


_POWERS = [_power_of_five(q) for q in range(_LEAST, _MOST + 1)]
_HIGH = np.array([p >> 64 for p in _POWERS], dtype=np.uint64)
_LOW = np.array([p & (2**64 - 1) for p in _POWERS], dtype=np.uint64)
_TENS = np.array([10.0**n for n in range(23)])  # all of them exact in float64

ONE = np.uint64(1)
TWO = np.uint64(2)
TOP = np.uint64(2**64 - 1)
MANTISSA = np.uint64(2**52)
EXACT = np.uint64(2**53)
LAST_NINE_BITS = np.uint64(0x1FF)


@njit(cache=True, nogil=True)
def scaled(digits, q):
    """digits * 10**q as float64, correctly rounded; a negative answer says that it was not decided."""
    if digits == np.uint64(0):
        return 0.0
    if digits <= EXACT and -22 <= q <= 22:
        return float(digits) / _TENS[-q] if q < 0 else float(digits) * _TENS[q]
    if q < _LEAST or q > _MOST:
        return -1.0
    zeros = leading_zeros(digits)
    w = digits << np.uint64(zeros)
    at = q - _LEAST
    high, low = high_product(w, _HIGH[at]), w * _HIGH[at]
    if high & LAST_NINE_BITS == LAST_NINE_BITS:  # the lower half of the power may decide
        more = high_product(w, _LOW[at])
        low = low + more
        if low < more:
            high = high + ONE
        if low == TOP:
            return -1.0
    upper = high >> np.uint64(63)
    cut = upper + np.uint64(9)
    mantissa = high >> cut  # 54 bits, the last of them for rounding
    exponent = ((217706 * q) >> 16) + 63 + np.int64(upper) - zeros + 1023
    if exponent <= 0:
        return -1.0
    if low <= ONE and -4 <= q <= 23 and mantissa & np.uint64(3) == ONE and mantissa << cut == high:
        mantissa = mantissa - ONE  # exactly half way: round to even
    mantissa = (mantissa + (mantissa & ONE)) >> ONE
    if mantissa >= TWO * MANTISSA:
        mantissa = MANTISSA
        exponent += 1
    if exponent >= 2047:
        return -1.0
    return double_of_bits((mantissa - MANTISSA) | (np.uint64(exponent) << np.uint64(52)))


@njit(cache=True, nogil=True)
def read_number(text, place):
    """Read [+-]digits[.digits][e[+-]digits] from a place: the value and where it ends, or -1 if not plain."""
    sign = byte_at(text, place)
    if sign == 45 or sign == 43:
        place += 1
    digits = np.uint64(0)
    count = 0  # digits read, without leading zeros
    point = -1  # digits seen when the point came
    seen = 0
    while True:
        character = byte_at(text, place)
        digit = character - np.uint64(48)
        if digit <= np.uint64(9):
            digits = digits * np.uint64(10) + digit
            seen += 1
            count += 1 if digits != np.uint64(0) else 0
        elif character == 46 and point < 0:
            point = seen
        else:
            break
        place += 1
    if seen == 0 or count > 19:
        return 0.0, -1
    q = 0 if point < 0 else point - seen
    if character == 101 or character == 69:
        place, shift = _exponent(text, place + 1)
        if place < 0:
            return 0.0, -1
        q += shift
    value = scaled(digits, q)
    if value < 0.0:
        return 0.0, -1
    return -value if sign == 45 else value, place


@njit(cache=True, nogil=True)
def _exponent(text, place):
    sign = byte_at(text, place)
    if sign == 45 or sign == 43:
        place += 1
    start, value = place, 0
    while True:
        digit = byte_at(text, place) - np.uint64(48)
        if digit > np.uint64(9):
            break
        value = value * 10 + np.int64(digit)
        place += 1
        if value > 9999:
            return -1, 0
    if place == start:
        return -1, 0
    return place, -value if sign == 45 else value
