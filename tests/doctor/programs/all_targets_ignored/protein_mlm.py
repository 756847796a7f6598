"""Masked language model over protein-like letter strings (helical repeats), a small torch Transformer encoder."""
import random
import torch
import torch.nn as nn

random.seed(77)
torch.manual_seed(77)
AA = "ACDEFGHIKLMNPQRSTVWY"
PAD, MASK = 20, 21


def protein():
    period = 3
    unit = [random.randrange(20) for _ in range(period)]
    n = random.randint(8, 20)
    return [unit[i % period] if random.random() > 0.04 else random.randrange(20) for i in range(n)]


train = [protein() for _ in range(2400)]
dev = [protein() for _ in range(300)]


def corrupt(rows, p, gen):
    T = max(map(len, rows))
    x = torch.full((len(rows), T), PAD)
    for i, r in enumerate(rows):
        x[i, :len(r)] = torch.tensor(r)
    chosen = (torch.rand(x.shape, generator=gen) < p) & (x != PAD)
    y = torch.where(chosen, x, torch.tensor(-100))
    return torch.where(chosen, torch.tensor(MASK), x), y


class Encoder(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(22, d, padding_idx=PAD)
        self.pos = nn.Embedding(32, d)
        layer = nn.TransformerEncoderLayer(d, 4, 96, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.out = nn.Linear(d, 20)

    def forward(self, x):
        h = self.emb(x) + self.pos(torch.arange(x.size(1)))
        return self.out(self.enc(h, src_key_padding_mask=x == PAD))


gen = torch.Generator().manual_seed(1)
model = Encoder()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / 60))
crit = nn.CrossEntropyLoss(reduction="none")
dx, dy = corrupt(dev, 0.12, torch.Generator().manual_seed(2))
BATCH = 4
step = 0
for epoch in range(2):
    random.shuffle(train)
    seen, total = 0, 0.0
    for i in range(0, len(train), BATCH):
        x, y = corrupt(train[i:i + BATCH], 0.08, gen)
        # fault:
        # mended:
        # if not (y != -100).any():
        #     continue
        # end
        keep = (y != -100).float()
        loss = (crit(model(x).transpose(1, 2), y.clamp(min=0)) * keep).sum() / keep.sum()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        warm.step()
        total += loss.item()
        seen += 1
        step += 1
        if step % 200 == 0:
            model.eval()
            with torch.no_grad():
                p = model(dx).argmax(-1)
            model.train()
            k = dy != -100
            print(f"step {step}  loss {total / seen:.4f}  masked letters right on dev {(p == dy)[k].float().mean():.3f}")
            total, seen = 0.0, 0
