"""The compiled scan for many neighbours at once: cosines of 16-bit codes, and which words may be among the best.

Four queries meet sixteen words at a time. Codes stand in pairs, as the processor multiplies them (two products of 16
bits summed to 32). What the codes leave open is decided afterwards by the vectors themselves: see `neighbours`.
"""

# mypy: ignore-errors
from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from wordfit.vectors.kernels.native import trailing_zeros

SCALE = 32000.0  # codes of a unit vector: no sum of products of two of them leaves 32 bits
QUERIES, WORDS = 4, 16  # met at a time
LEAST = np.iinfo(np.int32).min
LANE, SIXTEEN = np.uint64(15), np.uint64(16)
ZERO, ONE = np.uint64(0), np.uint64(1)
_HALF, _WHOLE, _LONG = ir.IntType(16), ir.IntType(32), ir.IntType(64)
_PAIRS, _SUMS = ir.VectorType(_HALF, 16), ir.VectorType(_WHOLE, 8)


def _pair_sums(builder, a, b):
    """Sums of two products of 16 bits each: one instruction on most processors."""
    product = builder.mul(*(builder.sext(x, ir.VectorType(_WHOLE, 16)) for x in (a, b)))
    none, lanes = ir.Constant(product.type, ir.Undefined), ir.VectorType(_WHOLE, 8)
    first, second = (
        builder.shuffle_vector(product, none, ir.Constant(lanes, [2 * i + odd for i in range(8)])) for odd in (0, 1)
    )
    return builder.add(first, second)


@intrinsic
def dots(typingctx, queries, query, words, word, pairs, floors, floor, out):
    """Products of four queries with sixteen words into `out` (64,) int32; a bit for each that is above its floor."""

    def generate(context, builder, signature, args):
        def address(array, place, kind):
            made = context.make_array(signature.args[array])(context, builder, args[array])
            return builder.bitcast(builder.gep(made.data, [place]), kind.as_pointer())

        sums = [cgutils.alloca_once_value(builder, ir.Constant(_SUMS, [0] * 8)) for _ in range(2 * QUERIES)]
        with cgutils.for_range(builder, args[4]) as loop:
            place = builder.add(args[3], builder.mul(loop.index, ir.Constant(_LONG, WORDS)))
            some = [
                builder.bitcast(
                    builder.load(address(2, builder.add(place, ir.Constant(_LONG, 8 * half)), _SUMS), align=4), _PAIRS
                )
                for half in (0, 1)
            ]
            for j in range(QUERIES):
                at = builder.add(args[1], builder.mul(loop.index, ir.Constant(_LONG, QUERIES)))
                pair = builder.load(address(0, builder.add(at, ir.Constant(_LONG, j)), _WHOLE), align=4)
                spread = builder.bitcast(_spread(builder, pair), _PAIRS)
                for half in (0, 1):
                    kept = sums[2 * j + half]
                    builder.store(builder.add(builder.load(kept), _pair_sums(builder, some[half], spread)), kept)
        bits = ir.Constant(_LONG, 0)
        for j in range(QUERIES):
            least = builder.load(address(5, builder.add(args[6], ir.Constant(_LONG, j)), _WHOLE), align=4)
            spread = _spread(builder, least)
            for half in (0, 1):
                total = builder.load(sums[2 * j + half])
                place = 16 * j + 8 * half
                builder.store(total, address(7, ir.Constant(_LONG, place), _SUMS), align=4)
                above = builder.bitcast(builder.icmp_signed(">", total, spread), ir.IntType(8))
                bits = builder.or_(bits, builder.shl(builder.zext(above, _LONG), ir.Constant(_LONG, place)))
        return bits

    return (
        types.uint64(queries, types.intp, words, types.intp, types.intp, floors, types.intp, out),
        generate,
    )


def _spread(builder, value):
    """A number in every lane."""
    one = builder.insert_element(ir.Constant(_SUMS, ir.Undefined), value, ir.Constant(_WHOLE, 0))
    return builder.shuffle_vector(one, ir.Constant(_SUMS, ir.Undefined), ir.Constant(_SUMS, [0] * 8))


@njit(cache=True, nogil=True)
def encode_rows(vectors, lengths, group, codes):
    """Codes of rows (N, D) at length one, as (N / group, D / 2, group, 2) int16; whether all were of length one."""
    fine = True
    for row in range(len(vectors)):
        whole, lane = row // group, row % group
        scale, square = np.float32(SCALE) / lengths[row], np.float32(0.0)
        for column in range(vectors.shape[1]):
            value = vectors[row, column] * scale
            square += value * value
            codes[whole, column >> 1, lane, column & 1] = np.int16(np.rint(value))
        fine = fine and square < 1.0001 * SCALE * SCALE  # not so for what overflows, nor for one that is not finite
    return fine


@njit(cache=True, nogil=True)
def scan(queries, floors, words, start, stop, best, margin, codes, rows, counts, out):
    """Gather what may be among the `best` of each query from the words from row `start` to `stop`.

    `codes` and `rows` (Q, C) hold candidates, `counts` of them for each query, -1 where C was too few.
    """
    pairs = queries.shape[1]
    flat, packed = queries.reshape(-1), words.reshape(-1)
    for four in range(queries.shape[0]):
        for group in range(words.shape[0]):
            above = dots(
                flat, four * pairs * QUERIES, packed, group * pairs * WORDS, pairs, floors, four * QUERIES, out
            )
            while above != ZERO:
                bit = trailing_zeros(above)
                above = above & (above - ONE)
                query, row = four * QUERIES + (bit >> 4), start + group * WORDS + (bit & 15)
                count = counts[query]
                if row >= stop or count < 0 or out[bit] <= floors[query]:
                    continue
                codes[query, count], rows[query, count] = out[bit], row
                counts[query] = count + 1
                if count + 1 == codes.shape[1]:
                    thin_out(query, best, margin, codes, rows, counts, floors)


@njit(cache=True, nogil=True)
def thin_out(query, best, margin, codes, rows, counts, floors):
    """Drop the candidates that cannot be among the best any more, and raise the floor."""
    count = counts[query]
    least = np.int64(np.partition(codes[query, :count], count - best)[count - best]) - margin
    floors[query] = max(least - 1, LEAST)
    kept = 0
    for i in range(count):
        if codes[query, i] >= least:
            codes[query, kept], rows[query, kept] = codes[query, i], rows[query, i]
            kept += 1
    counts[query] = kept
    if 2 * kept > len(codes[query]) + best:  # ties without end: not decided here
        counts[query] = -1
        floors[query] = np.iinfo(np.int32).max


@njit(cache=True, nogil=True)
def decide(queries, vectors, lengths, rows, counts, left_out, best, scores):
    """The best rows (Q, K) of some candidates (Q, C) and their cosines, from the vectors themselves."""
    for query in range(len(queries)):
        found = 0
        for i in range(counts[query]):
            row = rows[query, i]
            if row == -1 or np.any(left_out[query] == row):
                continue
            total = 0.0
            for column in range(vectors.shape[1]):
                total += np.float64(queries[query, column]) * np.float64(vectors[row, column])
            score = np.float32(total / lengths[row])
            place = min(found, best.shape[1])
            while place > 0 and (
                scores[query, place - 1] < score or scores[query, place - 1] == score and best[query, place - 1] > row
            ):
                if place < best.shape[1]:
                    best[query, place], scores[query, place] = best[query, place - 1], scores[query, place - 1]
                place -= 1
            if place < best.shape[1]:
                best[query, place], scores[query, place] = row, score
                found += 1
