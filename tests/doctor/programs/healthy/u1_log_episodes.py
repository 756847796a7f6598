# Ops: a window of log templates -> root cause of the incident. Small transformer, CLS token, label smoothing.
import math
import random

import torch
from torch import nn

torch.manual_seed(9)
random.seed(9)
NOISE = [f"{s}.{e}" for s in ("auth", "web", "queue", "cron", "cache") for e in ("ok", "start", "stop", "retry", "tick")]
CAUSES = {
    "disk_full": ["fs.nospace", "db.readonly", "log.rotate_fail"],
    "dns": ["dns.timeout", "http.unresolved", "smtp.defer"],
    "cert_expired": ["tls.handshake_fail", "auth.bad_cert", "proxy.502"],
    "memory_leak": ["gc.pause", "oom.kill", "pod.restart"],
    "bad_deploy": ["deploy.done", "http.500", "migrate.fail"],
}
NAMES = list(CAUSES)
PAD, CLS = 0, 1
stoi = {"<pad>": PAD, "<cls>": CLS}
for w in NOISE + [w for ws in CAUSES.values() for w in ws]:
    stoi[w] = len(stoi)


def episode():
    y = random.randrange(len(NAMES))
    n = random.randint(8, 22)
    lines = random.choices(NOISE, k=n)
    for i in sorted(random.sample(range(n), 3)):
        lines[i] = random.choice(CAUSES[NAMES[y]])
    if random.random() < 0.4:
        lines[random.randrange(n)] = random.choice(CAUSES[random.choice(NAMES)])
    return tuple(lines), y


episodes = {}
while len(episodes) < 1500:
    lines, y = episode()
    episodes[lines] = y
episodes = list(episodes.items())


def to_batch(rows):
    longest = 1 + max(len(r[0]) for r in rows)
    x = torch.full((len(rows), longest), PAD)
    for i, (lines, _) in enumerate(rows):
        x[i, :len(lines) + 1] = torch.tensor([CLS] + [stoi[w] for w in lines])
    return x, torch.tensor([r[1] for r in rows])


class IncidentEncoder(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.emb = nn.Embedding(len(stoi), dim, padding_idx=PAD)
        pos = torch.arange(32).unsqueeze(1) * torch.exp(torch.arange(0, dim, 2) * (-math.log(1000.0) / dim))
        self.register_buffer("pos", torch.stack([pos.sin(), pos.cos()], -1).flatten(1) * 0.3)
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.out = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, len(NAMES)))

    def forward(self, x):
        h = self.emb(x) + self.pos[:x.size(1)]
        return self.out(self.enc(h, src_key_padding_mask=x.eq(PAD))[:, 0])


train, test = episodes[:1200], episodes[1200:]
net = IncidentEncoder()
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.01)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
xt, yt = to_batch(test)
for epoch in range(8):
    net.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 40):
        x, y = to_batch(train[i:i + 40])
        loss = criterion(net(x), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        total += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        out = net(xt)
    print(f"{epoch} train {total / len(train):.3f} test {criterion(out, yt):.3f} acc {(out.argmax(1) == yt).float().mean():.3f}")
