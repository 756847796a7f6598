# in which mode is the tune?  notes as tokens, torch's transformer encoder with a [TUNE] token in front
import random
import torch
from torch import nn

torch.manual_seed(14)
random.seed(14)
MODES = {"ionian": [0, 2, 4, 5, 7, 9, 11], "dorian": [0, 2, 3, 5, 7, 9, 10], "phrygian": [0, 1, 3, 5, 7, 8, 10], "lydian": [0, 2, 4, 6, 7, 9, 11], "blues": [0, 3, 5, 6, 7, 10]}
NAMES = list(MODES)
PAD, TUNE, FIRST = 0, 1, 2
MAXLEN = 28


def tune():
    k = random.randrange(len(NAMES))
    scale = MODES[NAMES[k]]
    notes = [FIRST + (random.choice(scale) if random.random() < 0.93 else random.randrange(12)) + 12 * random.randrange(2) for _ in range(random.randint(10, 24))]
    return [TUNE] + notes, k


def make(n):
    x, y = torch.full((n, MAXLEN), PAD), torch.empty(n, dtype=torch.long)
    for i in range(n):
        s, y[i] = tune()
        x[i, :len(s)] = torch.tensor(s)
    return torch.utils.data.TensorDataset(x, y)


class TuneFormer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(FIRST + 24, d, padding_idx=PAD)
        self.pos = nn.Parameter(torch.randn(MAXLEN, d) * 0.02)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, len(NAMES)))

    def forward(self, x):
        # fault:
        mask = x.ne(PAD)
        # mended:
        # mask = x.eq(PAD)
        # end
        h = self.enc(self.emb(x) + self.pos, src_key_padding_mask=mask)
        return self.head(h[:, 0])


def evaluate(model, loader):
    model.eval()
    hit = n = 0
    with torch.no_grad():
        for x, y in loader:
            hit += (model(x).argmax(1) == y).sum().item()
            n += len(y)
    return hit / n


train_loader = torch.utils.data.DataLoader(make(2400), batch_size=40, shuffle=True)
dev_loader = torch.utils.data.DataLoader(make(500), batch_size=250)
model = TuneFormer()
opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
for epoch in range(7):
    model.train()
    total = 0
    for x, y in train_loader:
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    print(f"epoch {epoch} | loss {total / len(train_loader):.3f} | dev {evaluate(model, dev_loader):.3f}")
