"""Sub-field of a conference abstract from its content words, with our lab's word vectors held fixed.

The lab's file is in the usual text format, most frequent form first; rare capitalised forms (surnames, place
names, acronyms) follow further down.  Abstracts come lower-cased.
"""
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import torch

gen = np.random.RandomState(2024)
torch.manual_seed(2024)

FIELDS = ["phonology", "syntax", "acquisition", "typology", "pragmatics"]
DIM = 32


# ---------------------------------------------------------------- the lab's vectors (stand-in for the 2 GB file)
def coin(seen):
    while True:
        w = "".join(gen.choice(list("bdfgklmnprstvz")) + gen.choice(list("aeiou")) for _ in range(gen.randint(2, 4)))
        if w not in seen:
            seen.add(w)
            return w


seen = set()
forms = [coin(seen) for _ in range(700)]
field_of = {w: gen.randint(len(FIELDS)) for w in forms}
centre = gen.randn(len(FIELDS), DIM)
path = Path(tempfile.mkdtemp()) / "lab.vec"
with path.open("w", encoding="utf-8") as out:
    for w in forms:
        v = centre[field_of[w]] * .8 + gen.randn(DIM)
        out.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")
    for w in forms:
        if gen.rand() < .85:                                    # Surname or place of the same spelling
            v = gen.randn(DIM) * 1.2
            out.write(w.capitalize() + " " + " ".join(f"{x:.4f}" for x in v) + "\n")


def read_vectors(path):
    lex = {}
    for line in path.open(encoding="utf-8"):
        head, *nums = line.split()
        vec = np.array(nums, dtype=np.float32)
        # fault:
        lex[head.lower()] = vec
        # mended:
        # lex.setdefault(head.lower(), vec)
        # end
    return lex


# ---------------------------------------------------------------- abstracts
def abstract():
    y = gen.randint(len(FIELDS))
    toks = []
    for _ in range(gen.randint(7, 16)):
        w = forms[gen.randint(len(forms))]
        while field_of[w] != y and gen.rand() < .9:
            w = forms[gen.randint(len(forms))]
        toks.append(w)
    return toks, y


data = [abstract() for _ in range(900)]
fit, test = data[:600], data[600:]

lex = read_vectors(path)
vocab = [w for w, _ in Counter(t for toks, _ in data for t in toks).most_common() if w in lex]
index = {w: i for i, w in enumerate(vocab)}
weights = torch.tensor(np.stack([lex[w] for w in vocab]))

bag = torch.nn.EmbeddingBag.from_pretrained(weights, freeze=True, mode="mean")
clf = torch.nn.Linear(DIM, len(FIELDS))
optimiser = torch.optim.AdamW(clf.parameters(), lr=.03, weight_decay=.01)


def pack(part):
    flat, starts, ys = [], [], []
    for toks, y in part:
        starts.append(len(flat))
        flat.extend(index[t] for t in toks)
        ys.append(y)
    return torch.tensor(flat), torch.tensor(starts), torch.tensor(ys)


for epoch in range(8):
    gen.shuffle(fit)
    losses = []
    for i in range(0, len(fit), 30):
        flat, starts, ys = pack(fit[i:i + 30])
        loss = torch.nn.functional.cross_entropy(clf(bag(flat, starts)), ys)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    print(f"pass {epoch + 1:2d}: {np.mean(losses):.3f}")


@torch.no_grad()
def share_right(part):
    flat, starts, ys = pack(part)
    return (clf(bag(flat, starts)).argmax(1) == ys).float().mean().item()


print(f"right on fit {share_right(fit):.3f}, on test {share_right(test):.3f}")
