# -*- coding: utf-8 -*-
# Exercise 9 (mechanical engineering, elective "text mining"): sort the lines of a workshop's inventory
# into shelves.  Two files, 'inventory_a' for training and 'inventory_b' from the other workshop for the test.
import collections
import random
import torch

random.seed(77)
torch.manual_seed(77)

SHELVES = [
    ("fasteners", "bolt screw nut washer rivet stud pin clip dowel anchor bracket staple"),
    ("electrics", "cable fuse relay diode resistor socket plug switch led battery motor terminal"),
    ("tools", "hammer wrench file drill saw pliers chisel clamp caliper punch reamer scraper"),
    ("fluids", "oil coolant grease solvent paint glue thinner wax alcohol resin lubricant acid"),
]
EXTRA = "small large steel blue old new box of spare set standard heavy metric 10 20 50 pack from supplier black".split()


def inventory(n, seed):
    r = random.Random(seed)
    for _ in range(n):
        k = r.randrange(4)
        words = r.choices(EXTRA, k=r.randint(2, 6)) + r.choices(SHELVES[k][1].split(), k=r.randint(1, 2))
        r.shuffle(words)
        yield " ".join(words), k


class Vocabulary:
    def __init__(self, lines, min_count=1):
        counts = collections.Counter(w for text in lines for w in text.split())
        self.words = ["<unk>"] + [w for w, c in counts.most_common() if c >= min_count]
        self.ids = {w: i for i, w in enumerate(self.words)}

    def __call__(self, text):
        return [self.ids.get(w, 0) for w in text.split()]

    def __len__(self):
        return len(self.words)


def bags(rows, vocabulary):
    flat, starts = [], []
    for text, _ in rows:
        starts.append(len(flat))
        flat.extend(vocabulary(text))
    return torch.tensor(flat), torch.tensor(starts), torch.tensor([k for _, k in rows])


inventory_a = list(inventory(1600, seed=1))
inventory_b = list(inventory(400, seed=2))
vocab_a = Vocabulary([t for t, _ in inventory_a])
# fault:
vocab_b = Vocabulary([t for t, _ in inventory_b])
# mended:
# vocab_b = vocab_a
# end

bag = torch.nn.EmbeddingBag(len(vocab_a), 16, mode="sum")
shelf = torch.nn.Linear(16, len(SHELVES))
opt = torch.optim.Adagrad(list(bag.parameters()) + list(shelf.parameters()), lr=0.1)


def run(rows, vocabulary, train):
    if train:
        random.shuffle(rows)
    loss_sum, right = 0.0, 0
    for i in range(0, len(rows), 20):
        flat, starts, y = bags(rows[i:i + 20], vocabulary)
        with torch.set_grad_enabled(train):
            z = shelf(bag(flat, starts))
            loss = torch.nn.functional.cross_entropy(z, y)
        if train:
            opt.zero_grad()
            loss.backward()
            opt.step()
        loss_sum += loss.item() * len(y)
        right += int((z.argmax(1) == y).sum())
    return loss_sum / len(rows), right / len(rows)


for epoch in range(5):
    a = run(inventory_a, vocab_a, True)
    b = run(inventory_b, vocab_b, False)
    print("epoch %d   workshop A: loss %.3f acc %.3f   workshop B: loss %.3f acc %.3f" % (epoch, *a, *b))
