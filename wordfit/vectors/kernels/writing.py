"""The compiled half of writing text: float32 to the decimal that brings it back, as `%.6g` to `%.9g` write it.

Digits come from one multiplication in float64 and are then read back as every reader does, so what is written is right
whatever that multiplication rounded; nine digits always bring a float32 back.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np
from numba import njit

from wordfit.vectors.kernels.decimals import scaled

WIDEST = 16  # bytes of a number: -0.000123456789, -1.23456789e-38
FEWEST, MOST = 6, 9  # digits
TENS = np.array([10.0**n for n in range(55)])
COUNTS = np.array([10**n for n in range(MOST + 2)], dtype=np.uint64)
ZERO, TEN = np.uint64(0), np.uint64(10)
MINUS, POINT, NOUGHT, LETTER_E, PLUS, SPACE, NEWLINE = 45, 46, 48, 101, 43, 32, 10


@njit(cache=True, nogil=True)
def write_rows(text, offsets, values, out):
    """Lines of words and their values (N, D), finite; how many bytes of `out` they take."""
    place = 0
    for row in range(len(values)):
        for i in range(offsets[row], offsets[row + 1]):
            out[place] = text[i]
            place += 1
        for column in range(values.shape[1]):
            out[place] = SPACE
            place = write_number(values[row, column], out, place + 1)
        out[place] = NEWLINE
        place += 1
    return place


@njit(cache=True, nogil=True)
def write_number(value, out, place):
    """One number from a place on; where it ends."""
    if value < 0 or (value == 0 and math.copysign(1.0, value) < 0):
        out[place] = MINUS
        place += 1
        value = -value
    if value == 0:
        out[place] = NOUGHT
        return place + 1
    about = int(math.floor(math.log10(np.float64(value))))
    for count in range(FEWEST, MOST + 1):
        digits, power = leading_digits(np.float64(value), about, count)
        back = scaled(digits, power - count + 1)
        if np.float32(back) == value:
            break
    while digits % TEN == ZERO:
        digits = digits // TEN
    if power < -4 or power >= count:
        return write_scientific(digits, power, out, place)
    return write_plain(digits, power, out, place)


@njit(cache=True, nogil=True)
def leading_digits(value, power, count):
    """The first `count` digits of a number as a whole number, and the power of ten that the first of them counts."""
    while True:
        shift = count - 1 - power
        digits = np.uint64(np.rint(value * TENS[shift] if shift >= 0 else value / TENS[-shift]))
        if digits >= COUNTS[count]:
            power += 1
        elif digits < COUNTS[count - 1]:
            power -= 1
        else:
            return digits, power


@njit(cache=True, nogil=True)
def length_of(digits):
    """How many digits a whole number has."""
    count = 1
    while digits >= COUNTS[count]:
        count += 1
    return count


@njit(cache=True, nogil=True)
def write_digits(digits, count, point, out, place):
    """The digits with a point before the one numbered `point`, none if that is all of them."""
    end = place + count + (1 if 0 < point < count else 0)
    at = end
    for i in range(count - 1, -1, -1):
        at -= 1
        out[at] = NOUGHT + np.uint8(digits % TEN)
        digits = digits // TEN
        if i == point and i > 0:
            at -= 1
            out[at] = POINT
    return end


@njit(cache=True, nogil=True)
def write_plain(digits, power, out, place):
    """As 0.00123, 12.3 or 1200."""
    count = length_of(digits)
    if power < 0:
        out[place], out[place + 1] = NOUGHT, POINT
        place += 2
        for _ in range(-power - 1):
            out[place] = NOUGHT
            place += 1
        return write_digits(digits, count, count, out, place)
    place = write_digits(digits, count, power + 1, out, place)
    for _ in range(power + 1 - count):
        out[place] = NOUGHT
        place += 1
    return place


@njit(cache=True, nogil=True)
def write_scientific(digits, power, out, place):
    """As 1.23e-07."""
    place = write_digits(digits, length_of(digits), 1, out, place)
    out[place], out[place + 1] = LETTER_E, MINUS if power < 0 else PLUS
    power = abs(power)
    out[place + 2], out[place + 3] = NOUGHT + power // 10, NOUGHT + power % 10
    return place + 4
