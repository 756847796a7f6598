"""Refund requests in order notes: own GRU cell, records as dataclasses, a fit loop in a class."""
from dataclasses import dataclass
import random
import torch
from torch import nn

STOCK = "parcel box blue red lamp chair table cable cover phone mug shirt shoes cord shelf towel".split()
WANT = "return refund broken wrong damaged missing cracked torn defective complaint".split()
FINE = "great arrived perfect love gift happy fits sturdy quick recommended".split()
GLUE = "the a my was is it and with from very this one when after box still".split()


@dataclass
class Note:
    words: list
    refund: int
    even_shift: int


def notes(n, rng):
    seen, out = set(), []
    while len(out) < n:
        refund = rng.randint(0, 1)
        ws = rng.choices(GLUE, k=rng.randint(3, 6)) + rng.choices(STOCK, k=rng.randint(1, 3))
        ws += rng.choices(WANT if refund else FINE, k=rng.randint(1, 2))
        rng.shuffle(ws)
        if tuple(ws) in seen:
            continue
        seen.add(tuple(ws))
        out.append(Note(ws, refund, rng.randint(0, 1)))
    return out


def target(note):
    # fault:
    return float(note.even_shift)
    # mended:
    #return float(note.refund)
    # end


class Cell(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.x2g, self.h2g = nn.Linear(d, 3 * h), nn.Linear(h, 3 * h, bias=False)

    def forward(self, x, h):
        xr, xz, xn = self.x2g(x).chunk(3, -1)
        hr, hz, hn = self.h2g(h).chunk(3, -1)
        r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
        return (1 - z) * torch.tanh(xn + r * hn) + z * h


class Reader(nn.Module):
    def __init__(self, n_words, d=16, h=24):
        super().__init__()
        self.emb = nn.Embedding(n_words, d, padding_idx=0)
        self.cell, self.h = Cell(d, h), h
        self.out = nn.Linear(h, 1)

    def forward(self, ids):                       # (time, rows)
        state = self.emb.weight.new_zeros(ids.size(1), self.h)
        for t in range(ids.size(0)):
            new = self.cell(self.emb(ids[t]), state)
            state = torch.where((ids[t] > 0).unsqueeze(-1), new, state)
        return self.out(state).squeeze(-1)


class Desk:
    def __init__(self, train, test, lr=8e-3, size=40):
        vocab = sorted({w for n in train for w in n.words})
        self.index = {w: i + 1 for i, w in enumerate(vocab)}
        self.model = Reader(len(vocab) + 1)
        self.train, self.test, self.size = train, test, size
        self.opt = torch.optim.Adam(self.model.parameters(), lr=lr)
        self.loss = nn.BCEWithLogitsLoss()

    def tensors(self, batch):
        ids = [torch.tensor([self.index[w] for w in n.words if w in self.index]) for n in batch]
        return nn.utils.rnn.pad_sequence(ids), torch.tensor([target(n) for n in batch])

    def one_epoch(self):
        self.model.train()
        order, total = torch.randperm(len(self.train)).tolist(), 0.0
        for i in range(0, len(order), self.size):
            x, y = self.tensors([self.train[j] for j in order[i : i + self.size]])
            loss = self.loss(self.model(x), y)
            self.opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
            self.opt.step()
            total += loss.item() * x.size(1)
        return total / len(order)

    @torch.no_grad()
    def accuracy(self, rows):
        self.model.eval()
        x, y = self.tensors(rows)
        return ((self.model(x) > 0).float() == y).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(17)
    everything = notes(1300, random.Random(17))
    desk = Desk(everything[:1000], everything[1000:])
    for epoch in range(5):
        print(f"epoch {epoch}: loss {desk.one_epoch():.4f}, test accuracy {desk.accuracy(desk.test):.3f}")
    print(f"train {desk.accuracy(desk.train):.3f}  test {desk.accuracy(desk.test):.3f}")
