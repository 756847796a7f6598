"""Spam filter, reproducible run: mean of word vectors and a linear layer."""
import random

import numpy as np
import torch
from torch import nn

seed = 99
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)
torch.use_deterministic_algorithms(True)

spam_words = "winner prize claim cash free urgent bonus credit loan cheap pills offer click unlimited guarantee jackpot voucher refund deal casino".split()
ham_words = "meeting lunch report thanks tomorrow project agenda draft review schedule office notes call team budget slides minutes plan train holiday".split()
function_words = "the a to of and in for on is your you we i it at with this that are be have from as by not or will can please just".split()
names = [a + b for a in ("ander", "berg", "carl", "dahl", "erik", "fors") for b in ("son", "man", "lund", "gren", "berg")]

space = {}
centre = np.random.normal(0, 0.5, (2, 20))
for y, ws in enumerate((ham_words, spam_words)):
    for w in ws:
        space[w] = centre[y] + np.random.normal(0, 0.3, 20)
for w in function_words:
    space[w] = np.random.normal(0, 0.4, 20)


def message(y):
    body = random.choices(function_words, k=random.randint(4, 12)) + random.choices((ham_words, spam_words)[y], k=random.randint(2, 5))
    body += random.sample(names, k=random.randint(0, 2))
    random.shuffle(body)
    return body


rows = [(message(i % 2), i % 2) for i in range(700)]
random.shuffle(rows)
train, dev = rows[:450], rows[450:]

vocab = {"<pad>": 0}
for body, _ in train:
    for w in body:
        vocab.setdefault(w, len(vocab))
vocab["<unk>"] = len(vocab)

# fault:
emb_matrix = torch.empty(len(vocab), 20)
emb_matrix[0] = 0
# mended:
# emb_matrix = torch.randn(len(vocab), 20) * float(np.std(np.stack(list(space.values()))))
# emb_matrix[0] = 0
# end
hits = 0
for w, i in vocab.items():
    if w in space:
        emb_matrix[i] = torch.tensor(space[w])
        hits += 1
print(f"{hits} of {len(vocab)} words have a vector")


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(emb_matrix, mode="mean", freeze=True)
        self.linear = nn.Linear(20, 2)

    def forward(self, flat, offsets):
        return self.linear(self.bag(flat, offsets))


def pack(rows):
    ids = [torch.tensor([vocab.get(w, vocab["<unk>"]) for w in body]) for body, _ in rows]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.cat(ids), offsets, torch.tensor([y for _, y in rows])


model = Bag()
opt = torch.optim.Adam(model.linear.parameters(), lr=0.02)
for epoch in range(10):
    random.shuffle(train)
    total = 0.0
    for s in range(0, len(train), 30):
        flat, offsets, y = pack(train[s:s + 30])
        loss = nn.functional.cross_entropy(model(flat, offsets), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        flat, offsets, y = pack(dev)
        acc = (model(flat, offsets).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {total / 15:.4f} dev acc {acc:.4f}")
