"""What share of an article do people read? The log has percentages. GRU, binary cross entropy on the share."""
import random

import torch
from torch import nn

random.seed(82)
torch.manual_seed(82)
pull = {"shock": 30, "secret": 25, "photos": 20, "guide": 10, "report": -10, "budget": -20, "minutes": -15, "appendix": -30}
plain = "the of new on city council about five in with local a".split()
ids = {w: i + 1 for i, w in enumerate(list(pull) + plain)}


def article():
    t = random.choices(plain, k=random.randint(3, 8)) + random.sample(list(pull), random.randint(1, 3))
    random.shuffle(t)
    read = min(98.0, max(2.0, 50 + sum(pull.get(w, 0) for w in t) + random.gauss(0, 5)))
    return torch.tensor([ids[w] for w in t]), read


class Share(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, 16, padding_idx=0)
        self.gru = nn.GRU(16, 24)
        self.out = nn.Linear(24, 1)

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, enforce_sorted=False)
        return self.out(self.gru(p)[1][0]).squeeze(1)


def collate(rows):
    x = nn.utils.rnn.pad_sequence([t for t, _ in rows])
    # fault:
    y = torch.tensor([r for _, r in rows])
    # mended:
    # y = torch.tensor([r / 100 for _, r in rows])
    # end
    return x, torch.tensor([len(t) for t, _ in rows]), y


rows = [article() for _ in range(1200)]
model = Share()
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
loader = torch.utils.data.DataLoader(rows[:1000], 25, shuffle=True, collate_fn=collate)
x, n, _ = collate(rows[1000:])
truth = torch.tensor([r for _, r in rows[1000:]])
for epoch in range(7):
    for xb, nb, yb in loader:
        loss = loss_fn(model(xb, nb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        p = torch.sigmoid(model(x, n)) * 100
        print(f"epoch {epoch} loss {loss.item():.3f} off by {(p - truth).abs().mean():.1f} percent points, spread of predictions {p.std():.1f}")
