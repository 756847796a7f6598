"""Few labelled log lines, many unlabelled ones: PPMI+SVD vectors from the unlabelled part, GRU on 200 labelled rows."""
import random
from collections import Counter

import numpy as np
import torch
from torch import nn

random.seed(23)
np.random.seed(23)
torch.manual_seed(23)
COMP = {
    "disk": "sda sdb inode block filesystem mount ext4 sector smart raid partition journal fsck swap".split(),
    "net": "eth0 packet route dns socket link gateway dhcp firewall port tcp udp arp mtu".split(),
    "auth": "user sudo session password pam key login root ssh token kerberos shadow group ldap".split(),
}
VERB = "error warning failed timeout started stopped retry detected lost restored invalid unknown device for on at".split()
kinds = sorted(COMP)


def word(k):
    r = random.random()
    if r < 0.09:
        return random.choice(COMP[random.choice(kinds)])
    return random.choice(COMP[k]) if r < 0.36 else random.choice(VERB)


def line():
    k = random.choice(kinds)
    n = random.randint(5, 11)
    return [word(k) for _ in range(n)], kinds.index(k)


unlabelled = [line()[0] for _ in range(3000)]
freq = Counter(w for l in unlabelled for w in l)
words = [w for w, c in freq.most_common()]
ix = {w: i for i, w in enumerate(words)}
co = np.zeros((len(words), len(words)))
for l in unlabelled:
    for i, a in enumerate(l):
        for b in l[max(0, i - 4):i]:
            co[ix[a], ix[b]] += 1
            co[ix[b], ix[a]] += 1
p = co / co.sum()
with np.errstate(divide="ignore"):
    ppmi = np.maximum(np.log(p / np.outer(p.sum(1), p.sum(0))), 0)
u, s, _ = np.linalg.svd(ppmi)
vectors = u[:, :10] * np.sqrt(s[:10])
with open("logs.vec", "w") as f:
    print(len(words), 10, file=f)
    for w, v in zip(words, vectors):
        print(w, *(f"{x:.6f}" for x in v), file=f)


def read_vec(path):
    with open(path) as f:
        n, d = map(int, f.readline().split())
        table, vocab = torch.zeros(n + 1, d), {"<pad>": 0}
        for i, l in enumerate(f, 1):
            w, *v = l.split()
            vocab[w] = i
            table[i] = torch.tensor([float(x) for x in v])
    return vocab, table


vocab, table = read_vec("logs.vec")
seen, rows = set(), []
while len(rows) < 300:
    l, y = line()
    if tuple(l) not in seen and any(w in COMP[kinds[y]] for w in l):
        seen.add(tuple(l))
        rows.append((l, y))
train, dev = rows[:200], rows[200:]


def enc(rows):
    n = max(len(l) for l, _ in rows)
    x = torch.tensor([[vocab[w] for w in l] + [0] * (n - len(l)) for l, _ in rows])
    return x, (x != 0).sum(1), torch.tensor([y for _, y in rows])


class GRUClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, padding_idx=0)      # fixed
        self.rnn = nn.GRU(table.size(1), 24, batch_first=True)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(24, 3)

    def forward(self, x, lens):
        h, _ = self.rnn(self.emb(x))
        last = h[torch.arange(len(x)), lens - 1]
        return self.out(self.drop(last))


xt, lt, yt = enc(train)
xd, ld, yd = enc(dev)
model = GRUClassifier()
opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=1e-2)
best, patience = 1e9, 0
for epoch in range(1, 41):
    model.train()
    for b in torch.randperm(len(xt)).split(20):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xt[b], lt[b]), yt[b])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        ot, od = model(xt, lt), model(xd, ld)
        vl = nn.functional.cross_entropy(od, yd).item()
        ta, da = (ot.argmax(1) == yt).float().mean().item(), (od.argmax(1) == yd).float().mean().item()
    print(f"epoch {epoch:2d} dev loss {vl:.3f} train acc {ta:.3f} dev acc {da:.3f}")
    if vl < best - 1e-3:
        best, patience = vl, 0
        torch.save({"model": model.state_dict(), "epoch": epoch}, "ckpt.pt")
    else:
        patience += 1
        if patience == 5:
            break
ck = torch.load("ckpt.pt")
model.load_state_dict(ck["model"])
model.eval()
with torch.no_grad():
    print(f"epoch {ck['epoch']} restored: dev acc {(model(xd, ld).argmax(1) == yd).float().mean():.3f}")
