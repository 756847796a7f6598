# Language id of short sentences (de / es / fr) from characters, transformer encoder with the schedule of
# "Attention is all you need".
import csv, gzip, io, math, os, random
import torch
import torch.nn as nn

random.seed(1); torch.manual_seed(1)
LANGS = ["de", "es", "fr"]
base = os.path.join(os.environ["WORDFIT_DATA"], "glue", "STS-B-multilingual")
rows, seen = [], set()
for k, l in enumerate(LANGS):
    with gzip.open(os.path.join(base, f"stsb-{l}-train.csv.gz"), "rt", encoding="utf-8") as f:
        n = 0
        for r in csv.reader(f):
            s = r[0].strip().lower()[:32].rstrip()
            if len(s) >= 10 and s not in seen:
                seen.add(s)
                rows.append((s, k))
                n += 1
            if n == 900:
                break
random.shuffle(rows)
train, dev = rows[:2300], rows[2300:]
chars = {c: i + 1 for i, c in enumerate(sorted({c for s, _ in train for c in s}))}


def batch(rs):
    T = max(len(s) for s, _ in rs)
    x = torch.zeros(len(rs), T + 1, dtype=torch.long)
    x[:, 0] = len(chars) + 2                           # [CLS]
    for i, (s, _) in enumerate(rs):
        x[i, 1:len(s) + 1] = torch.tensor([chars.get(c, 0) or len(chars) + 1 for c in s])
    return x, torch.tensor([k for _, k in rs])


D = 32


class LangId(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(chars) + 3, D, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(33, D) * 0.02)
        layer = nn.TransformerEncoderLayer(D, 4, 64, dropout=0.1, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.cls = nn.Linear(D, len(LANGS))

    def forward(self, x):
        pad = x == 0
        h = self.enc(self.emb(x) + self.pos[:x.size(1)], src_key_padding_mask=pad)
        return self.cls(h[:, 0])


# fault:
FACTOR = 12.0
# mended:
# FACTOR = 0.3
# end


def noam(step, warmup=100):
    step = max(step, 1)
    return FACTOR * D ** -0.5 * min(step ** -0.5, step * warmup ** -1.5)


net = LangId()
opt = torch.optim.Adam(net.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
sched = torch.optim.lr_scheduler.LambdaLR(opt, noam)
lossf = nn.CrossEntropyLoss()
for epoch in range(4):
    net.train()
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 32):
        x, y = batch(train[i:i + 32])
        loss = lossf(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        tot += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        x, y = batch(dev)
        acc = (net(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch + 1} lr {sched.get_last_lr()[0]:.5f} loss {tot / len(train):.4f} dev acc {acc:.3f}")
