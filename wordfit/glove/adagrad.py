"""One pass of AdaGrad over tiles of entries: the inner loop of GloVe, in float32.

The steps are those of Stanford's `glove`: squared gradients start at 1, a vector's gradient is taken times the
learning rate before it is squared, a bias moves by a rate of 1; without its clipping at 100, and a cost that is
not finite stops the pass. Tables are (V, 2, P): vectors, then their squared gradients, padded with zeros to a
multiple of eight; biases (V, 2) likewise.
"""

from __future__ import annotations

import numpy as np
from numba import njit

LANES = 8  # float32 numbers in a vector register
FAST = {"reassoc", "contract", "arcp", "nsz", "afn"}  # not `nnan`, `ninf`: what is not finite has to be seen
LARGEST = np.float32(1e15)  # an error beyond it is on its way out of float32


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def adagrad_pass(
    entries: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    starts: np.ndarray,
    sizes: np.ndarray,
    skip: int,
    todo: int,
    words: np.ndarray,
    contexts: np.ndarray,
    word_bias: np.ndarray,
    context_bias: np.ndarray,
    eta: np.float32,
) -> tuple[float, int]:
    """Step through `todo` entries of the given tiles, after the first `skip`; the cost and the entry at fault or -1.

    The cost is the sum of f(X) (w c + b + b' - log X)^2 / 2, equation 8 of the paper, each entry's before its step.
    """
    cost = 0.0
    for tile in range(rows.shape[0]):
        if skip >= sizes[tile]:
            skip -= sizes[tile]
            continue
        for e in range(starts[tile] + skip, starts[tile] + min(sizes[tile], skip + todo)):
            i, j = rows[tile] + entries[e].row, columns[tile] + entries[e].column
            w, c, gw, gc = words[i, 0], contexts[j, 0], words[i, 1], contexts[j, 1]
            error = word_bias[i, 0] + context_bias[j, 0] - entries[e].log
            for k in range(w.shape[0]):
                error += w[k] * c[k]
            if not abs(error) < LARGEST:
                return np.nan, e
            step = entries[e].weight * error
            cost += step * error
            rate = step * eta
            for k in range(w.shape[0]):
                a, b = w[k], c[k]
                to_a, to_b = rate * b, rate * a
                w[k] = a - to_a / np.sqrt(gw[k])
                c[k] = b - to_b / np.sqrt(gc[k])
                gw[k] += to_a * to_a
                gc[k] += to_b * to_b
            word_bias[i, 0] -= step / np.sqrt(word_bias[i, 1])
            context_bias[j, 0] -= step / np.sqrt(context_bias[j, 1])
            word_bias[i, 1] += step * step
            context_bias[j, 1] += step * step
        todo -= min(sizes[tile] - skip, todo)
        skip = 0
        if todo == 0:
            break
    return 0.5 * cost, -1
