"""Grocery baskets of different length: is this the weekly shop, a party, or a quick lunch?
GRU over packed sequences; gradients are accumulated over 4 small batches."""
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

ITEMS = ("milk bread eggs butter flour rice pasta tomato onion potato apple banana cheese yoghurt chicken fish "
         "beer wine crisps nuts cola ice balloons candles cake sandwich juice salad wrap coffee gum water").split()
LIKELY = {
    0: ITEMS[:16],
    1: ITEMS[16:25] + ["cheese", "bread"],
    2: ITEMS[25:] + ["banana", "yoghurt"],
}
PURPOSE = ["weekly", "party", "lunch"]
INDEX = {w: i + 1 for i, w in enumerate(ITEMS)}


def draw(n, seed):
    rng = np.random.default_rng(seed)
    got = {}
    while len(got) < n:
        y = int(rng.integers(3))
        k = int(rng.integers(4, 13))
        basket = [str(rng.choice(LIKELY[y])) if rng.random() < 0.55 else str(rng.choice(ITEMS)) for _ in range(k)]
        got.setdefault(tuple(INDEX[b] for b in basket), y)
    return [(torch.tensor(b), y) for b, y in got.items()]


def collate(rows):
    seqs, ys = zip(*rows)
    return pad_sequence(seqs, batch_first=True), torch.tensor([len(s) for s in seqs]), torch.tensor(ys)


class BasketModel(nn.Module):
    def __init__(self, n, dim=16, hidden=24):
        super().__init__()
        self.item = nn.Embedding(n + 1, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(hidden, 3)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.item(ids), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.out(self.drop(h[-1]))


class Trainer:
    def __init__(self, model, lr=1e-2, accumulate=4):
        self.model, self.accumulate = model, accumulate
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)
        self.sched = torch.optim.lr_scheduler.StepLR(self.opt, 2, gamma=0.4)
        self.loss = nn.CrossEntropyLoss()

    def epoch(self, loader):
        self.model.train()
        self.opt.zero_grad()
        total = 0.0
        for step, (ids, lengths, y) in enumerate(loader, 1):
            loss = self.loss(self.model(ids, lengths), y)
            (loss / self.accumulate).backward()
            total += loss.item()
            if step % self.accumulate == 0 or step == len(loader):
                self.opt.step()
                self.opt.zero_grad()
        self.sched.step()
        return total / len(loader)

    @torch.no_grad()
    def test(self, loader):
        self.model.eval()
        right = seen = loss = 0
        for ids, lengths, y in loader:
            out = self.model(ids, lengths)
            right += (out.argmax(1) == y).sum().item()
            loss += self.loss(out, y).item() * len(y)
            seen += len(y)
        return loss / seen, right / seen


torch.manual_seed(30)
rows = draw(2000, 30)
train_set, test_set = rows[:1600], rows[1600:]
loader = DataLoader(train_set, batch_size=16, shuffle=True, collate_fn=collate)
trainer = Trainer(BasketModel(len(ITEMS)))
for e in range(5):
    t = trainer.epoch(loader)
    l, a = trainer.test(DataLoader(test_set, batch_size=200, collate_fn=collate))
    print(f"epoch {e}: train loss {t:.3f}  test loss {l:.3f}  test accuracy {a:.3f}")
print("train accuracy %.3f" % trainer.test(DataLoader(train_set, batch_size=200, collate_fn=collate))[1])
counts = np.bincount([y for _, y in test_set])
print("largest class %.3f" % (counts.max() / counts.sum()))
