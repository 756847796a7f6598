# Next-letter model on Brown corpus text.  The same matrix reads the letters and scores the next one.
import gzip
import itertools
import os
import torch
import torch.nn.functional as F

torch.manual_seed(1)
CONTEXT, DIM, HIDDEN = 14, 16, 96

with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora/brown.txt.gz"), "rt", encoding="utf-8") as fh:
    sentences = list(dict.fromkeys(s.strip().lower() for s in itertools.islice(fh, 3000)))

letters = " abcdefghijklmnopqrstuvwxyz"
sign = {c: i for i, c in enumerate(letters)}


def windows(sents):
    words = "".join(c if c in sign else " " for c in " ".join(sents)).split()
    t = torch.tensor([sign[c] for c in " ".join(words)])
    w = t.unfold(0, CONTEXT + 1, 1)
    return w[:, :-1], w[:, -1]


x_train, y_train = windows(sentences[:1900])
x_valid, y_valid = windows(sentences[2500:2700])
print(len(x_train), "training windows,", len(x_valid), "validation windows from other articles")

code = (torch.randn(len(letters), DIM) * 0.3).requires_grad_()
w_in = (torch.randn(CONTEXT * DIM, HIDDEN) * (CONTEXT * DIM) ** -0.5).requires_grad_()
b_in = torch.zeros(HIDDEN, requires_grad=True)
w_back = (torch.randn(HIDDEN, DIM) * HIDDEN ** -0.5).requires_grad_()
b_out = torch.zeros(len(letters), requires_grad=True)
weights = [code, w_in, b_in, w_back, b_out]
adam_m = [torch.zeros_like(w) for w in weights]
adam_v = [torch.zeros_like(w) for w in weights]


def next_letter(x):
    h = torch.relu(code[x].flatten(1) @ w_in + b_in)
    return (h @ w_back) @ code.t() + b_out


def adam(grads, step, rate):
    with torch.no_grad():
        for w, g, m, v in zip(weights, grads, adam_m, adam_v):
            m.mul_(0.9).add_(g, alpha=0.1)
            v.mul_(0.99).addcmul_(g, g, value=0.01)
            m_hat, v_hat = m / (1 - 0.9 ** step), v / (1 - 0.99 ** step)
            w -= rate * m_hat / (v_hat.sqrt() + 1e-8)


STEPS, SIZE = 1600, 128
mean_loss = 0.0
for step in range(1, STEPS + 1):
    pick = torch.randint(0, len(x_train), (SIZE,))
    loss = F.cross_entropy(next_letter(x_train[pick]), y_train[pick])
    rate = 0.005 * (1 - (step - 1) / STEPS)
    adam(torch.autograd.grad(loss, weights), step, rate)
    mean_loss += loss.item()
    if step % 200 == 0:
        with torch.no_grad():
            out = next_letter(x_valid)
            vl = F.cross_entropy(out, y_valid).item()
            va = (out.argmax(1) == y_valid).float().mean().item()
        print(f"step {step:5d}  train {mean_loss / 200:.3f}  valid {vl:.3f}  ({vl / 0.6931:.2f} bits/letter)  accuracy {va:.3f}")
        mean_loss = 0.0

most_common = (y_valid == y_train.mode().values).float().mean().item()
print(f"next letter right: {va:.3f}; always the most frequent sign: {most_common:.3f}")
