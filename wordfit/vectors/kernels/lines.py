"""The compiled loops: lines of text to float32 rows, wanted lines only, the table of words, a hash of content.

A kernel takes the plain lines, which are nearly all; it stops at any other and leaves it to the plain reader in
`lines`. Text arrays carry `PADDING` bytes after their end. The hash table is open-addressed: a slot holds the row of
a word or -1, and the words stand one after the other in a byte array, cut by offsets.
"""

# mypy: ignore-errors
# ruff: noqa: SIM109
from __future__ import annotations

import numpy as np
from numba import njit

from wordfit.vectors.kernels.decimals import read_number
from wordfit.vectors.kernels.native import blanks64, byte_at, load4, load8, newlines64, trailing_zeros

NEWLINE, SPACE, TAB, RETURN = 10, 32, 9, 13
ZEROS = np.uint64(0x3030303030303030)  # "00000000"
ONES = np.uint64(0x0101010101010101)
HIGHS = np.uint64(0x8080808080808080)
SIXES = np.uint64(0x0606060606060606)
HALVES = np.uint64(0xF0F0F0F0F0F0F0F0)
NEWLINES = np.uint64(0x0A0A0A0A0A0A0A0A)
FULL = np.uint64(0xFFFFFFFFFFFFFFFF)
PAIRS = np.uint64(0x000000FF000000FF)
MILLION = np.uint64(0x000F424000000064)  # 1,000,000 and 100: weights of the 1st and 3rd pair of digits
TENTHOUSAND = np.uint64(0x0000271000000001)  # 10,000 and 1: of the 2nd and 4th
ONE, SIX, LOW_SIX = np.uint64(1), np.uint64(6), np.uint64(63)
TEN, EIGHT, SIXTEEN, HALF = np.uint64(10), np.uint64(8), np.uint64(16), np.uint64(32)
NINE, ZERO, HUNDRED_MILLION = np.uint64(9), np.uint64(0), np.uint64(100_000_000)
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio, odd
MIXER = np.uint64(0xD6E8FEB86659FD93)
EXPONENT = np.uint32(0x7F800000)  # all bits set: infinite or not a number
LARGEST = float(np.finfo(np.float32).max) + 2.0**103  # from here float64 rounds to an infinite float32


@njit(cache=True, nogil=True)
def hash_word(text, start, end):
    """A 64-bit hash of some bytes, eight at a time; `index.hash_word` says the same in Python."""
    value = np.uint64(end - start)
    while start < end:
        block = load8(text, start)
        if end - start < 8:
            block = block & (FULL >> np.uint64(64 - 8 * (end - start)))
        value = (value ^ block) * FACTOR
        value = value ^ (value >> HALF)
        start += 8
    return value


@njit(cache=True, nogil=True)
def same_bytes(a, start, end, b, other):
    """Do the bytes from start to end of `a` stand in `b` from `other` on?"""
    while end - start >= 8:
        if load8(a, start) != load8(b, other):
            return False
        start += 8
        other += 8
    while start < end:
        if byte_at(a, start) != byte_at(b, other):
            return False
        start += 1
        other += 1
    return True


@njit(cache=True, nogil=True)
def find_word(text, start, end, blob, offsets, table):
    """The slot of a word in the table, or the free slot where it would stand."""
    mask = np.uint64(len(table) - 1)
    slot = np.intp(hash_word(text, start, end) & mask)
    while True:
        row = table[slot]
        if row < 0:
            return slot
        if offsets[row + 1] - offsets[row] == end - start and same_bytes(text, start, end, blob, np.intp(offsets[row])):
            return slot
        slot = np.intp(np.uint64(slot + 1) & mask)


@njit(cache=True, nogil=True)
def find_words(text, starts, ends, blob, offsets, table, rows):
    """Fill in the row of each word, -1 where it is missing."""
    for i in range(len(starts)):
        rows[i] = table[find_word(text, np.intp(starts[i]), np.intp(ends[i]), blob, offsets, table)]


@njit(cache=True, nogil=True)
def insert_words(text, starts, ends, count, blob, offsets, table, size, fresh):
    """Append `count` words to the first `size`; `fresh` says which were new. The new size comes back."""
    for i in range(count):
        start, end = np.intp(starts[i]), np.intp(ends[i])
        slot = find_word(text, start, end, blob, offsets, table)
        fresh[i] = table[slot] < 0
        if fresh[i]:
            place = np.intp(offsets[size])
            blob[place : place + end - start] = text[start:end]
            table[slot] = size
            size += 1
            offsets[size] = place + end - start
    return size


@njit(cache=True, nogil=True)
def fill_table(blob, offsets, size, table):
    """Enter the first `size` words, all different, into an empty table."""
    mask = np.uint64(len(table) - 1)
    for row in range(size):
        slot = np.intp(hash_word(blob, np.intp(offsets[row]), np.intp(offsets[row + 1])) & mask)
        while table[slot] >= 0:
            slot = np.intp(np.uint64(slot + 1) & mask)
        table[slot] = row


@njit(cache=True, nogil=True)
def hash_content(text, size):
    """Two 64-bit hashes of a block of a file: what its copy in the cache is known by."""
    first, second = np.uint64(size), FACTOR
    third, fourth = MIXER, ~MIXER
    place = 0
    while place + 32 <= size:
        first = (first ^ load8(text, place)) * FACTOR
        second = (second ^ load8(text, place + 8)) * FACTOR
        third = (third ^ load8(text, place + 16)) * MIXER
        fourth = (fourth ^ load8(text, place + 24)) * MIXER
        first, second = first ^ (first >> HALF), second ^ (second >> HALF)
        third, fourth = third ^ (third >> HALF), fourth ^ (fourth >> HALF)
        place += 32
    last = hash_word(text, place, size)
    left = ((first ^ (third << np.uint64(1))) * FACTOR) ^ last
    right = ((second ^ (fourth << np.uint64(1))) * MIXER) ^ (last * FACTOR)
    return left ^ (right >> HALF), right ^ (left >> HALF)


@njit(cache=True, nogil=True)
def word_end(text, place, separator):
    """Where the word that starts here ends: at the first separator or line end."""
    pattern = ONES * np.uint64(separator)
    while True:
        block = load8(text, place)
        a, b = block ^ pattern, block ^ NEWLINES
        found = ((a - ONES) & ~a | (b - ONES) & ~b) & HIGHS
        if found != ZERO:
            return place + (trailing_zeros(found) >> 3)
        place += 8


@njit(cache=True, nogil=True)
def line_end(text, place):
    """Where the line ends that this place is in. The text must hold a line end from here on."""
    while True:
        mask = newlines64(text, place)
        if mask != ZERO:
            return place + trailing_zeros(mask)
        place += 64


@njit(cache=True, nogil=True)
def read_values(text, place, separator, row):
    """Read a row of numbers up to the line end; where that is, or -1 if anything is not plain.

    Most numbers are [-]digit.digits with up to eight digits after the point: these eight are taken at once
    (Lemire 2021, section 6; the division by 10**8 is of exact values, so it rounds once).
    """
    width = len(row)
    for column in range(width):
        sign = byte_at(text, place)
        at = place + 1 if sign == 45 else place
        whole = byte_at(text, at) - np.uint64(48)
        plain = whole <= NINE and byte_at(text, at + 1) == 46
        if plain:
            block = load8(text, at + 2)
            wrong = ((block & HALVES) ^ ZEROS) | (((block + SIXES) & HALVES) ^ ZEROS)
            count = trailing_zeros(wrong) >> 3  # digits before the first other byte; 8 for none
            after = byte_at(text, at + 2 + count)
            plain = count > 0 and (after == separator or after == NEWLINE or after == RETURN)
        if plain:
            digits = (block ^ ZEROS) & (FULL >> np.uint64(64 - 8 * count))
            digits = digits * TEN + (digits >> EIGHT)
            digits = ((digits & PAIRS) * MILLION + ((digits >> SIXTEEN) & PAIRS) * TENTHOUSAND) >> HALF
            value = float(np.int64(whole * HUNDRED_MILLION + digits)) / 1e8
            row[column] = -value if sign == 45 else value
            place = at + 2 + count
        else:
            value, place = read_number(text, place)
            if place < 0 or value >= LARGEST or value <= -LARGEST:
                return -1
            row[column] = value
            after = byte_at(text, place)
        if column + 1 < width:
            if after != separator:
                return -1
            place += 1
    while after == SPACE or after == TAB or after == RETURN:  # a blank at the end; Windows line ends
        place += 1
        after = byte_at(text, place)
    return place if after == NEWLINE else -1


@njit(cache=True, nogil=True)
def read_lines(text, place, end, separator, values, starts, ends, lines, row, line):
    """Read lines into rows up to the end or a line that is not plain: the next place, row and line number."""
    while place < end:
        stop = word_end(text, place, separator)
        last = values_end(text, place, stop, separator, values[row])
        if last < 0:
            break
        starts[row], ends[row], lines[row] = place, stop, line
        row += 1
        line += 1
        place = last + 1
    return place, row, line


@njit(cache=True, nogil=True)
def first_blank(text, place):
    """Where the first part of a line ends: at the first space, tab or line end."""
    while True:
        mask = blanks64(text, place)
        if mask != ZERO:
            return place + trailing_zeros(mask)
        place += 64


@njit(cache=True, nogil=True)
def sieve_bit(text, start, end, bits):
    """The bit of a sieve that a word falls on, by its length and first eight bytes."""
    block = load8(text, start)
    length = end - start
    if length < 8:
        block = block << np.uint64(64 - 8 * length) if length > 0 else ZERO
    return ((block ^ np.uint64(length)) * FACTOR) >> np.uint64(64 - bits)


@njit(cache=True, nogil=True)
def fill_sieve(blob, offsets, sieve, bits):
    """Set the bits of words; a word that falls on a bit that is not set is none of them."""
    for row in range(len(offsets) - 1):
        bit = sieve_bit(blob, np.intp(offsets[row]), np.intp(offsets[row + 1]), bits)
        sieve[bit >> SIX] |= ONE << (bit & LOW_SIX)


@njit(cache=True, nogil=True)
def read_wanted(text, place, end, separator, blob, offsets, table, sieve, bits, values, starts, ends, lines, row, line):
    """Read only the lines whose first part is in the table; the others are passed over, and counted."""
    while place < end:
        stop = first_blank(text, place)
        bit = sieve_bit(text, place, stop, bits)
        likely = (sieve[bit >> SIX] >> (bit & LOW_SIX)) & ONE != ZERO
        if blank(byte_at(text, place)) or likely and table[find_word(text, place, stop, blob, offsets, table)] >= 0:
            stop = word_end(text, place, separator)
            last = values_end(text, place, stop, separator, values[row])
            if last < 0:
                break
            starts[row], ends[row], lines[row] = place, stop, line
            row += 1
        else:
            last = line_end(text, stop)
        line += 1
        place = last + 1
    return place, row, line


@njit(cache=True, nogil=True)
def values_end(text, place, stop, separator, row):
    """Read the values after a word; where the line ends, or -1 for a line that is not plain."""
    if byte_at(text, stop) == NEWLINE or (stop > place and blank(byte_at(text, stop - 1))):
        return -1
    return read_values(text, stop + 1, separator, row)


@njit(cache=True, nogil=True)
def blank(character):
    return character == SPACE or character == TAB or character == NEWLINE or character == RETURN


@njit(cache=True, nogil=True)
def read_records(text, place, end, limit, values, starts, ends, row):
    """Read binary records, a word, a space and the values, until one is cut off or not finite.

    `values` are the rows as uint32. The next place and row come back, and whether the record there is not finite.
    """
    width = values.shape[1]
    while row < limit:
        start = place
        while start < end and byte_at(text, start) == NEWLINE:  # word2vec ends records with one, others do not
            start += 1
        stop = start
        while stop < end and byte_at(text, stop) != SPACE:
            stop += 1
        if stop + 1 + 4 * width > end:
            break
        infinite = False
        for column in range(width):
            bits = load4(text, stop + 1 + 4 * column)
            infinite |= bits & EXPONENT == EXPONENT
            values[row, column] = bits
        if infinite:
            return place, row, True
        starts[row], ends[row] = start, stop
        row += 1
        place = stop + 1 + 4 * width
    return place, row, False


@njit(cache=True, nogil=True)
def all_ascii(text, starts, ends):
    """Are all bytes of these words ASCII?"""
    for i in range(len(starts)):
        for place in range(starts[i], ends[i]):
            if byte_at(text, place) > 127:
                return False
    return True
