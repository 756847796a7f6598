"""The compiled loops of `touched_rows`: sum a batch's gradients by row, step those rows in place.

The rules are those of `torch.optim` (SGD, Adam and AdamW, Adagrad) in float32. Sums are taken in the order of the
batch, so that a run repeats bit for bit.
"""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

import numpy as np
from numba import njit

f32 = np.float32


@njit(cache=True, nogil=True)
def gather(ids, gradient, still, slot, place, owner, used):
    """Rows (U,) in order of appearance, the sums (U, D) of their gradients (N, D), their slots (U,), slots in use.

    `still` rows are left out. A row without a slot in `slot` (V,) gets the next one, and `owner` (S,) notes it.
    `place` (V,) is scratch: -1 everywhere before and after.
    """
    rows = np.empty(len(ids), np.int64)
    sums = np.empty(gradient.shape, f32)
    count = 0
    for i in range(len(ids)):
        row = ids[i]
        if still[row]:
            continue
        at = place[row]
        if at < 0:
            place[row] = count
            rows[count] = row
            for d in range(gradient.shape[1]):
                sums[count, d] = gradient[i, d]
            count += 1
        else:
            for d in range(gradient.shape[1]):
                sums[at, d] += gradient[i, d]
    slots = np.empty(count, np.int64)
    for u in range(count):
        row = rows[u]
        place[row] = -1
        if slot[row] < 0:
            slot[row] = used
            owner[used] = row
            used += 1
        slots[u] = slot[row]
    return rows[:count], sums[:count], slots, used


@njit(cache=True, nogil=True)
def pull(weight, rows, gradient, start, anchor, decay):
    """Add to the gradient (U, D) what `WordEmbedding.pull` says: towards the start, and towards zero."""
    anchor, decay = f32(anchor), f32(decay)
    for u in range(len(rows)):
        w, g = weight[rows[u]], gradient[u]
        if anchor != 0:
            s = start[rows[u]]
            for d in range(len(w)):
                g[d] += anchor * (w[d] - s[d])
        for d in range(len(w)):
            g[d] += decay * w[d]


@njit(cache=True, nogil=True)
def sgd(weight, rows, gradient, slots, velocity, rate, momentum, nesterov, decay):
    """Stochastic gradient descent; with `momentum` 0, `velocity` is not read."""
    rate, momentum, decay = f32(rate), f32(momentum), f32(decay)
    for u in range(len(rows)):
        w, g = weight[rows[u]], gradient[u]
        if momentum == 0:
            for d in range(len(w)):
                w[d] -= rate * (g[d] + decay * w[d])
        else:
            v = velocity[slots[u]]
            for d in range(len(w)):
                slope = g[d] + decay * w[d]
                v[d] = momentum * v[d] + slope
                w[d] -= rate * (slope + momentum * v[d] if nesterov else v[d])


@njit(cache=True, nogil=True, error_model="numpy")
def adam(weight, rows, gradient, slots, first, second, rate, root, beta1, beta2, epsilon, decay, shrink):
    """Adam (Kingma & Ba 2015), AdamW by `shrink`; `rate` and `root` carry the corrections for the start."""
    rate, root, epsilon = f32(rate), f32(root), f32(epsilon)
    keep1, new1, keep2, new2 = f32(beta1), f32(1 - beta1), f32(beta2), f32(1 - beta2)
    decay, shrink = f32(decay), f32(shrink)
    for u in range(len(rows)):
        w, g, m, v = weight[rows[u]], gradient[u], first[slots[u]], second[slots[u]]
        for d in range(len(w)):
            slope = g[d] + decay * w[d]
            m[d] = keep1 * m[d] + new1 * slope
            v[d] = keep2 * v[d] + new2 * slope * slope
            w[d] = shrink * w[d] - rate * m[d] / (np.sqrt(v[d]) / root + epsilon)


@njit(cache=True, nogil=True, error_model="numpy")
def adagrad(weight, rows, gradient, slots, total, rate, epsilon, decay):
    """Adagrad (Duchi et al. 2011)."""
    rate, epsilon, decay = f32(rate), f32(epsilon), f32(decay)
    for u in range(len(rows)):
        w, g, s = weight[rows[u]], gradient[u], total[slots[u]]
        for d in range(len(w)):
            slope = g[d] + decay * w[d]
            s[d] += slope * slope
            w[d] -= rate * slope / (np.sqrt(s[d]) + epsilon)
