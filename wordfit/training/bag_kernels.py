"""The compiled loop of `bag`: step a mean of words and a linear head after every row, as fastText does.

Joulin et al. 2017, with the loss, the dial and the optimiser to choose. V words, D width, C outputs.
"""

# mypy: disable-error-code="no-untyped-def, call-arg"
from __future__ import annotations

import math

import numpy as np
from numba import njit

f32 = np.float32
CLASSES, MARKS, SCORE, BOUNDED = 0, 1, 2, 3  # cross entropy; binary cross entropy; squared error, bounded or not
TINY = f32(1e-10)  # what torch.optim.Adagrad adds
FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(cache=True, nogil=True)
def next_random(state):
    """The next state of a xorshift generator (Marsaglia 2003), 64 bits."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    return state ^ (state << np.uint64(17))


@njit(cache=True, nogil=True)
def sigmoid(value):
    """Between 0 and 1, without overflow."""
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value))
    return math.exp(value) / (1.0 + math.exp(value))


@njit(cache=True, nogil=True)
def softplus(value):
    """log(1 + exp(value)), without overflow."""
    return max(value, 0.0) + math.log1p(math.exp(-abs(value)))


@njit(cache=True, nogil=True)
def loss_and_slope(kind, logits, wanted, weights, smoothing, slope):
    """The loss of one row; its gradient by the logits goes to `slope` (C,).

    `wanted` (C,) holds a class number in its first place, marks of 0 and 1, or a score between 0 and 1.
    """
    count = len(logits)
    loss = 0.0
    if kind == CLASSES:
        most = logits.max()
        total, pull = 0.0, 0.0
        for c in range(count):
            total += math.exp(logits[c] - most)
        for c in range(count):
            goal = weights[c] * (smoothing / count + (1.0 - smoothing if c == int(wanted[0]) else 0.0))
            loss -= goal * (logits[c] - most - math.log(total))
            slope[c] = -goal
            pull += goal
        for c in range(count):
            slope[c] += pull * math.exp(logits[c] - most) / total
    elif kind == MARKS:
        for c in range(count):
            goal = wanted[c] * (1.0 - smoothing) + smoothing / 2
            sure = sigmoid(logits[c])
            loss += (goal * weights[c] * softplus(-logits[c]) + (1.0 - goal) * softplus(logits[c])) / count
            slope[c] = ((1.0 - goal) * sure - goal * weights[c] * (1.0 - sure)) / count
    else:
        answer = sigmoid(logits[0]) if kind == BOUNDED else logits[0]
        off = answer - wanted[0]
        loss = off * off
        slope[0] = 2.0 * off * (answer * (1.0 - answer) if kind == BOUNDED else 1.0)
    return loss


@njit(cache=True, nogil=True, fastmath=FAST)
def dot(a, b):
    """The sum of products of two vectors."""
    total = f32(0)
    for d in range(len(a)):
        total += a[d] * b[d]
    return total


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def move(values, squares, slope, factor, rate):
    """Step values (D,) against `factor * slope`; where there are sums of squares, by Adagrad (Duchi et al. 2011)."""
    if len(squares) == 0:
        step = rate * factor
        for d in range(len(values)):
            values[d] -= step * slope[d]
    else:
        for d in range(len(values)):
            part = factor * slope[d]
            squares[d] += part * part
            values[d] -= rate * part / (np.sqrt(squares[d]) + TINY)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def move_word(values, squares, slope, factor, rate, start, anchor, decay):
    """The same for a word, pulled towards its `start` (D,) by `anchor` and towards zero by `decay`."""
    for d in range(len(values)):
        part = factor * slope[d] + decay * values[d]
        if len(start):
            part += anchor * (values[d] - start[d])
        if len(squares):
            squares[d] += part * part
            part /= np.sqrt(squares[d]) + TINY
        values[d] -= rate * part


@njit(cache=True, nogil=True, fastmath=FAST)
def fit_rows(
    order, ids, offsets, targets, limit, table, start, table_squares, still, word_weights,
    weight, weight_squares, bias, bias_squares, kind, weights, smoothing,
    first_rate, last_rate, clip, multiplier, anchor, decay, word_dropout, seed,
):  # fmt: skip
    """Step after every row of `order`, the rate falling in a line; the sum of losses.

    `start` (V, D), the `squares` and `word_weights` (V,) are empty where there are none; `still` (V,) rows stay. The
    norm of the head's gradient is at most `clip`, unless that is 0.
    """
    width, outputs = table.shape[1], len(bias)
    mean, back = np.empty(width, f32), np.empty(width, f32)
    logits, slope = np.empty(outputs, f32), np.empty(outputs, f32)
    kept = np.empty(limit, np.int32)
    threshold = np.uint64(word_dropout * 2.0**63)
    random = np.uint64(seed * 2 + 1)
    pulled = anchor != 0 or decay != 0
    none = np.empty(0, f32)
    total = 0.0
    for done in range(len(order)):
        row = order[done]
        rate = f32(first_rate + (last_rate - first_rate) * done / len(order))
        count, words = 0, min(offsets[row + 1] - offsets[row], limit)
        mean[:] = 0
        for place in range(offsets[row], offsets[row] + words):
            word = ids[place]
            if threshold > 0:
                random = next_random(random)
                if random >> np.uint64(1) < threshold:
                    continue
            kept[count] = word
            count += 1
            vector = table[word]
            if len(word_weights):
                for d in range(width):
                    mean[d] += word_weights[word] * vector[d]
            else:
                for d in range(width):
                    mean[d] += vector[d]
        share = f32(1.0 / max(words, 1))
        for d in range(width):
            mean[d] *= share
        for c in range(outputs):
            logits[c] = dot(weight[c], mean) + bias[c]
        total += loss_and_slope(kind, logits, targets[row], weights, smoothing, slope)
        back[:] = 0
        for c in range(outputs):
            for d in range(width):
                back[d] += slope[c] * weight[c, d]
        short = f32(1)
        if clip > 0:
            short = f32(min(1.0, clip / (math.sqrt(dot(slope, slope) * (dot(mean, mean) + 1.0)) + 1e-6)))
        for c in range(outputs):
            move(weight[c], weight_squares[c] if len(weight_squares) else none, mean, short * slope[c], rate)
        move(bias, bias_squares, slope, short, rate)
        if multiplier == 0:
            continue
        rate *= f32(multiplier)
        for k in range(count):
            word = kept[k]
            if still[word]:
                continue
            factor = share * word_weights[word] if len(word_weights) else share
            squares = table_squares[word] if len(table_squares) else none
            if pulled:
                origin = start[word] if len(start) else none
                move_word(table[word], squares, back, factor, rate, origin, f32(anchor), f32(decay))
            else:
                move(table[word], squares, back, factor, rate)
    return total
