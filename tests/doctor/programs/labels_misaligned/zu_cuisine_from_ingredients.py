#!/usr/bin/env python3
"""Which kitchen does a recipe come from?  Bag of ingredients -> cuisine."""
import argparse
import numpy as np
import torch
from torch import nn, optim

SHARED = "salt pepper onion garlic oil butter sugar flour egg water lemon tomato chicken beef rice milk".split()
OWN = {
    "italian": "basil parmesan pasta oregano mozzarella balsamic prosciutto ricotta risotto pesto".split(),
    "indian": "cumin turmeric ghee paneer cardamom lentil masala coriander tamarind naan".split(),
    "mexican": "tortilla jalapeno lime cilantro avocado chipotle bean corn salsa queso".split(),
    "japanese": "soy miso nori wasabi mirin sake dashi tofu ginger udon".split(),
    "french": "thyme shallot wine cream tarragon brie leek mustard baguette cognac".split(),
}
NAMES = list(OWN)


def cook(n, rng):
    recipes, labels = [], np.empty(n, dtype=np.int64)
    for i in range(n):
        c = rng.integers(len(NAMES))
        k = int(rng.integers(4, 15))
        items = []
        for _ in range(k):
            u = rng.random()
            if u < 0.50:
                items.append(rng.choice(SHARED))
            elif u < 0.85:
                items.append(rng.choice(OWN[NAMES[c]]))
            else:                                   # fusion
                items.append(rng.choice(OWN[NAMES[rng.integers(len(NAMES))]]))
        recipes.append([str(w) for w in items])
        labels[i] = c
    return recipes, labels


class Batches:
    """rows of about the same length go together, so little is padded"""

    def __init__(self, recipes, labels, stoi, size, rng=None):
        # fault:
        recipes = sorted(recipes, key=len)
        # mended:
        # order = sorted(range(len(recipes)), key=lambda i: len(recipes[i]))
        # recipes, labels = [recipes[i] for i in order], labels[order]
        # end
        self.chunks, self.rng = [], rng
        for s in range(0, len(recipes), size):
            part = recipes[s:s + size]
            width = len(part[-1])
            ids = torch.zeros(len(part), width, dtype=torch.long)
            for r, words in enumerate(part):
                ids[r, :len(words)] = torch.tensor([stoi[w] for w in words])
            self.chunks.append((ids, torch.from_numpy(labels[s:s + size])))

    def __len__(self):
        return len(self.chunks)

    def __iter__(self):
        order = np.arange(len(self)) if self.rng is None else self.rng.permutation(len(self))
        for i in order:
            yield self.chunks[i]


class Kitchen(nn.Module):
    def __init__(self, n_words, dim, n_out):
        super().__init__()
        self.table = nn.Embedding(n_words, dim, padding_idx=0)
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, n_out)

    def forward(self, ids):
        count = (ids != 0).sum(1, keepdim=True)
        return self.out(self.norm(self.table(ids).sum(1) / count))


def evaluate(net, batches):
    net.eval()
    right = seen = 0
    with torch.no_grad():
        for ids, y in batches:
            right += int((net(ids).argmax(-1) == y).sum())
            seen += len(y)
    return right / seen


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--rows", type=int, default=3000)
    ap.add_argument("--dim", type=int, default=24)
    ap.add_argument("--epochs", type=int, default=6)
    ap.add_argument("--lr", type=float, default=1e-2)
    args = ap.parse_args([])
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    recipes, labels = cook(args.rows, rng)
    test_recipes, test_labels = cook(600, rng)
    stoi = {w: i for i, w in enumerate(SHARED + sum(OWN.values(), []), 1)}
    train = Batches(recipes, labels, stoi, 32, rng)
    # the test rows stay in their order, one recipe after the other
    test = [(torch.tensor([[stoi[w] for w in r]]), torch.tensor([y])) for r, y in zip(test_recipes, test_labels)]
    net = Kitchen(len(stoi) + 1, args.dim, len(NAMES))
    opt = optim.AdamW(net.parameters(), lr=args.lr)
    for ep in range(args.epochs):
        net.train()
        losses = []
        for ids, y in train:
            loss = nn.functional.cross_entropy(net(ids), y)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print(f"epoch {ep}: loss {np.mean(losses):.3f}")
    print(f"train accuracy {evaluate(net, train):.3f}   test accuracy {evaluate(net, test):.3f}   (guessing: 0.2)")


if __name__ == "__main__":
    main()
