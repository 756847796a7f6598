"""Which colour is named most? Attention written with einsum on bare tensors, padded batches from a Dataset."""
import random

import torch
from torch.utils.data import DataLoader, Dataset

random.seed(10)
torch.manual_seed(10)
colours = ["red", "blue", "green", "white"]
plain = [f"w{i}" for i in range(40)]
vocab = {"": 0, **{w: i + 1 for i, w in enumerate(colours + plain)}}


class Lines(Dataset):
    def __init__(self, n):
        self.rows = []
        for _ in range(n):
            y = random.randrange(4)
            t = [colours[y]] * 2 + [random.choice(colours)] + random.choices(plain, k=random.randint(0, 14))
            random.shuffle(t)
            self.rows.append(([vocab[w] for w in t], y))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        t, y = self.rows[i]
        return torch.tensor(t + [0] * (17 - len(t))), y


P = {"E": torch.randn(len(vocab), 16) * 0.5, "q": torch.randn(16) * 0.2, "V": torch.randn(16, 16) * 0.3, "O": torch.randn(16, 4) * 0.3}
P = {k: v.requires_grad_() for k, v in P.items()}


def model(x):
    e = P["E"][x]
    score = torch.einsum("btd,d->bt", e, P["q"])
    # fault:
    weight = score.softmax(-1)
    # mended:
    # weight = score.masked_fill(x == 0, float("-inf")).softmax(-1)
    # end
    return torch.einsum("bt,btd,de->be", weight, e, P["V"]).tanh() @ P["O"]


train, dev = Lines(1000), Lines(300)
opt = torch.optim.Adam(P.values(), lr=5e-3)
for epoch in range(8):
    for x, y in DataLoader(train, 25, shuffle=True):
        loss = torch.nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    hits = 0
    with torch.no_grad():
        for x, y in DataLoader(dev, 100):
            hits += (model(x).argmax(1) == y).sum().item()
    print(epoch, round(loss.item(), 3), hits / 300)
