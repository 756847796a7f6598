"""Write the running checksum of a reading: y_t = (y_{t-1} + w[x_t]) mod 7, where w is unknown. GRU decoder with attention."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(13)
SYM, MOD, BOS = 12, 7, 7
weights = torch.randint(1, MOD, (SYM,))
LENGTH = 8


def generate(n):
    x = torch.randint(SYM, (n, LENGTH))
    slips = torch.rand(n, LENGTH) < 0.05            # the meter slips by one now and then
    y = (weights[x] + slips.long()).cumsum(1) % MOD
    return x, y


class Writer(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.src = nn.Embedding(SYM, d)
        self.pos = nn.Embedding(LENGTH, d)
        self.tgt = nn.Embedding(MOD + 1, d)
        self.cell = nn.GRUCell(3 * d, d)
        self.query = nn.Embedding(LENGTH, d)
        self.mix = nn.Linear(2 * d, d)
        self.out = nn.Linear(d, MOD)

    def forward(self, x, y=None):
        memory = self.src(x)
        keys = self.pos.weight                       # (T, d)
        h = memory.new_zeros(len(x), self.cell.hidden_size)
        prev = torch.full((len(x),), BOS)
        logits = []
        for t in range(LENGTH):
            a = F.softmax(self.query.weight[t] @ keys.T * 0.05, 0)
            ctx = (a[None, :, None] * memory).sum(1)
            e = self.tgt(prev)
            h = self.cell(torch.cat([e, ctx, e * ctx], 1), h)
            logits.append(self.out(F.relu(self.mix(torch.cat([h, e * ctx], 1)))))
            prev = y[:, t] if y is not None else logits[-1].argmax(1)
        return torch.stack(logits, 1)


def evaluate(model, x, y):
    model.eval()
    good = 0
    with torch.no_grad():
        for xb, yb in zip(x.split(250), y.split(250)):
            # fault:
            pred = model(xb, yb).argmax(-1)
            # mended:
            # pred = model(xb).argmax(-1)
            # end
            good += (pred == yb).sum().item()
    return good / y.numel()


xtr, ytr = generate(3000)
xte, yte = generate(500)
model = Writer()
optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
EPOCHS = 5
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(xtr)).split(50):
        logits = model(xtr[idx], ytr[idx])
        loss = F.cross_entropy(logits.flatten(0, 1), ytr[idx].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item() * len(idx)
    sched.step()
    print(f"epoch {epoch + 1}: loss {total / len(xtr):.4f}  digits right, held-out {evaluate(model, xte, yte):.4f}")
print(f"train {evaluate(model, xtr[:500], ytr[:500]):.4f}  held-out {evaluate(model, xte, yte):.4f}  "
      f"(guessing {1 / MOD:.3f})")
