"""Small pre-norm Transformer encoder: which of three alarms came first in a log?  Order matters, words alone do not."""
import math
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(5)
rs = np.random.RandomState(5)
ALARMS = [1, 2, 3]
N_NORMAL = 25
CLS, PAD = 4, 0


def make_log():
    n = rs.randint(6, 15)
    seq = rs.randint(5, 5 + N_NORMAL, n)
    where = np.sort(rs.choice(n, 3, replace=False))
    who = rs.permutation(ALARMS)
    seq[where] = who
    return tuple(int(t) for t in seq), int(who[0]) - 1


logs = {}
while len(logs) < 3300:
    s, y = make_log()
    logs[s] = y
logs = list(logs.items())
train, valid = logs[:2800], logs[2800:]


def to_batch(items):
    width = max(len(s) for s, _ in items) + 1
    tok = torch.full((len(items), width), PAD)
    for r, (s, _) in enumerate(items):
        tok[r, :len(s) + 1] = torch.tensor((CLS,) + s)
    return tok, torch.tensor([y for _, y in items])


class Encoder(nn.Module):
    def __init__(self, d=32, heads=4, layers=2):
        super().__init__()
        self.tok = nn.Embedding(5 + N_NORMAL, d, padding_idx=PAD)
        pos = torch.arange(16).unsqueeze(1)
        div = torch.exp(torch.arange(0, d, 2) * (-math.log(100.0) / d))
        pe = torch.zeros(16, d)
        pe[:, 0::2], pe[:, 1::2] = torch.sin(pos * div), torch.cos(pos * div)
        self.register_buffer("pe", pe)
        layer = nn.TransformerEncoderLayer(d, heads, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.out = nn.Linear(d, 3)

    def forward(self, tok):
        h = self.tok(tok) + self.pe[:tok.size(1)]
        h = self.enc(h, src_key_padding_mask=tok == PAD)
        return self.out(h[:, 0])


model = Encoder()
EPOCHS, BS = 5, 64
steps = EPOCHS * math.ceil(len(train) / BS)
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 30, max(0.0, 1 - s / steps)))
vx, vy = to_batch(valid)
for epoch in range(EPOCHS):
    model.train()
    rs.shuffle(order := np.arange(len(train)))
    tot = n = 0
    for i in range(0, len(order), BS):
        x, y = to_batch([train[j] for j in order[i:i + BS]])
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        warm.step()
        tot += loss.item() * len(y)
        n += len(y)
    model.eval()
    with torch.inference_mode():
        logit = model(vx)
    print(f"epoch {epoch + 1}/{EPOCHS} train loss {tot / n:.4f} valid loss {nn.functional.cross_entropy(logit, vy):.4f} "
          f"valid acc {(logit.argmax(-1) == vy).float().mean():.4f}")
