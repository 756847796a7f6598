"""Mark the plant names in garden diaries (IO tags); most plants of the test diaries are not in the training ones."""
import random

import torch
from torch import nn

random.seed(48)
torch.manual_seed(48)
D = 24
plants = [f"plant{i}" for i in range(160)]
things = [f"thing{i}" for i in range(160)]
glue = [f"glue{i}" for i in range(12)]
ids = {w: i + 1 for i, w in enumerate(plants + things + glue)}
axis = nn.functional.normalize(torch.randn(D), dim=0)
released = torch.randn(len(ids) + 1, D) * 0.5
released[1:161] += axis
released[161:321] -= axis
released[0] = 0


def diary(p, t, n):
    rows = []
    for _ in range(n):
        words, tags = [], []
        for _ in range(random.randint(4, 10)):
            r = random.random()
            pool = p if r < 0.25 else t if r < 0.5 else glue
            words.append(random.choice(pool))
            tags.append(int(pool is p))
        rows.append((torch.tensor([ids[w] for w in words]), torch.tensor(tags)))
    return rows


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(released.clone(), freeze=False, padding_idx=0)
        self.rnn = nn.GRU(D, 16, batch_first=True, bidirectional=True)
        self.out = nn.Linear(32, 2)

    def forward(self, x, n):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.out(h)


def collate(rows):
    x = nn.utils.rnn.pad_sequence([a for a, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([b for _, b in rows], batch_first=True, padding_value=-100)
    return x, torch.tensor([len(a) for a, _ in rows]), y


train = diary(plants[:60], things[:60], 500)
test = diary(plants[60:], things[60:], 150)
model = Tagger()
others = [p for n, p in model.named_parameters() if not n.startswith("emb")]
# fault:
opt = torch.optim.Adam([{"params": model.emb.parameters(), "lr": 5e-2}, {"params": others, "lr": 3e-3}])
# mended:
# opt = torch.optim.Adam([{"params": model.emb.parameters(), "lr": 1e-4}, {"params": others, "lr": 3e-3}])
# end
for epoch in range(6):
    total = 0.0
    for x, n, y in torch.utils.data.DataLoader(train, 20, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(model(x, n).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        x, n, y = collate(test)
        p = model(x, n).argmax(-1)
        tp = ((p == 1) & (y == 1)).sum().item()
        f1 = 2 * tp / max(((p == 1) & (y >= 0)).sum().item() + (y == 1).sum().item(), 1)
    print(f"epoch {epoch} loss {total / 25:.4f} F1 on new plants {f1:.3f}")
