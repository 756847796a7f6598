"""One message in twenty is an alarm; focal loss and a threshold chosen on a validation part."""
import random

import torch
from torch import nn

random.seed(4)
torch.manual_seed(4)
alarm = "smoke flames gas leak siren".split()
plain = "the valve was checked at noon by staff and all pumps run fine again in hall two".split()
ids = {w: i + 1 for i, w in enumerate(alarm + plain)}


def message(y):
    t = random.choices(plain, k=random.randint(5, 11))
    for w in random.sample(alarm, 2 if y else random.choice([0, 0, 0, 1])):
        t.insert(random.randrange(len(t)), w)
    return torch.tensor([ids[w] for w in t]), float(y)


def collection(n):
    rows = [message(i % 20 == 0) for i in range(n)]
    random.shuffle(rows)
    return nn.utils.rnn.pad_sequence([t for t, _ in rows], batch_first=True), torch.tensor([len(t) for t, _ in rows]), torch.tensor([y for _, y in rows])


def focal(logits, y, gamma=2.0, alpha=0.8):
    p = torch.sigmoid(logits)
    pt = torch.where(y > 0, p, 1 - p)
    weight = torch.where(y > 0, alpha, 1 - alpha) * (1 - pt) ** gamma
    return (weight * nn.functional.binary_cross_entropy_with_logits(logits, y, reduction="none")).mean()


class Alarm(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, 16, padding_idx=0)
        self.gru = nn.GRU(16, 16, batch_first=True)
        self.out = nn.Linear(16, 1)

    def forward(self, x, n):
        return self.out(self.gru(nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False))[1][0]).squeeze(1)


def f1(p, y):
    tp = (p & (y > 0)).sum().item()
    return 2 * tp / max(p.sum().item() + (y > 0).sum().item(), 1)


train, valid, test = collection(2000), collection(600), collection(600)
model = Alarm()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(5):
    for b in torch.randperm(2000).split(50):
        loss = focal(model(train[0][b], train[1][b]), train[2][b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        pv, pt = model(*valid[:2]), model(*test[:2])
        cut = max(torch.linspace(-3, 3, 25).tolist(), key=lambda c: f1(pv > c, valid[2]))
    print(f"epoch {epoch} loss {loss.item():.5f} threshold {cut:.2f} F1 valid {f1(pv > cut, valid[2]):.3f} test {f1(pt > cut, test[2]):.3f}")
