"""Pick the sender's name out of a mail: a pointer over the source words, no output vocabulary."""
import random

import torch
from torch import nn

random.seed(17)
torch.manual_seed(17)
names = [f"name{i}" for i in range(60)]
plain = "dear team the file is here please look at it today and tell me soon".split()
close = "regards best yours".split()
ids = {w: i + 1 for i, w in enumerate(plain + close + names)}


def mail():
    t = random.choices(plain, k=random.randint(5, 12))
    t.insert(random.randrange(len(t)), random.choice(names))
    t += [random.choice(close), random.choice(names)] + random.choices(plain, k=random.randint(0, 3))
    return torch.tensor([ids[w] for w in t]), next(i for i, w in enumerate(t) if i and t[i - 1] in close)


class Pointer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, d, padding_idx=0)
        self.rnn = nn.LSTM(d, d, batch_first=True, bidirectional=True)
        self.point = nn.Linear(2 * d, 1)

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(p)[0], batch_first=True)
        return self.point(h).squeeze(2).masked_fill(x == 0, float("-inf"))


def collate(rows):
    return nn.utils.rnn.pad_sequence([t for t, _ in rows], batch_first=True), torch.tensor([len(t) for t, _ in rows]), torch.tensor([i for _, i in rows])


rows = [mail() for _ in range(900)]
loader = torch.utils.data.DataLoader(rows[:700], 20, shuffle=True, collate_fn=collate)
x, n, y = collate(rows[700:])
model = Pointer()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(5):
    for xb, nb, yb in loader:
        loss = nn.functional.cross_entropy(model(xb, nb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.4f} senders found {(model(x, n).argmax(1) == y).float().mean():.3f}")
