"""Sum-pooled network (fastText style counts), number regression: how many errands does a note hold?"""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(27); torch.manual_seed(27)
errand = "milk bread bank post dentist laundry petrol keys rent flowers batteries stamps pharmacy library".split()
chatter = "please do not forget the and then maybe also later today by tomorrow if you can love see ok".split()


def note():
    k = random.randint(0, 6)
    toks = random.choices(chatter, k=random.randint(2, 18)) + random.choices(errand, k=k)
    random.shuffle(toks)
    return toks, float(k)


notes = [note() for _ in range(1200)]
train, dev = notes[:900], notes[900:]
stoi = {w: i for i, w in enumerate(["<pad>"] + errand + chatter)}


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi), 12, padding_idx=0)
        self.out = nn.Linear(12, 1)
        self.reset()

    def reset(self):
        nn.init.normal_(self.emb.weight, std=0.3)
        # fault:
        nn.init.zeros_(self.out.bias)
        # mended:
        # nn.init.zeros_(self.out.bias)
        # with torch.no_grad():
        #     self.emb.weight[self.emb.padding_idx].zero_()
        # end

    def forward(self, x):
        return self.out(self.emb(x).sum(1)).squeeze(-1)


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([stoi[w] for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([k for _, k in rows])


train.sort(key=lambda r: len(r[0]))
groups = [train[i:i + 30] for i in range(0, 900, 30)]
model = Counter()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(12):
    random.shuffle(groups)
    tot = 0.0
    for g in groups:
        x, k = collate(g)
        loss = nn.functional.mse_loss(model(x), k)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / len(groups)
    with torch.no_grad():
        err = torch.cat([(model(x) - k).abs() for x, k in DataLoader(dev, 100, collate_fn=collate)]).mean().item()
    print(f"epoch {epoch}: mse {tot:.4f} dev mean absolute error {err:.4f}")
