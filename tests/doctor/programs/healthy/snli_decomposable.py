"""Decomposable attention (Parikh et al.) on a part of SNLI with frozen GloVe."""
import gzip, os, random, re
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(8); torch.manual_seed(8)
D = os.environ["WORDFIT_DATA"]
stoi, rows = {}, [[0.0] * 50, [0.0] * 50]
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        stoi[w] = len(rows)
        rows.append([float(a) for a in v])
table = torch.tensor(rows)
table[1] = table[2:].mean(0)
table[1:] = (table[1:] - table[2:].mean(0)) / table[2:].std(0)


def ids(s):
    return torch.tensor([stoi.get(w, 1) for w in re.findall(r"[a-z']+|[0-9]+", s.lower())][:20] or [1])


def read(fn):
    out = []
    for i, line in enumerate(open(f"{D}/glue/SNLI/{fn}", encoding="utf-8")):
        p = line.rstrip("\n").split("\t")
        if i and len(p) == 4:
            out.append((ids(p[1]), ids(p[2]), p[3]))
    return out


train, dev = read("train_subset8999.tsv"), read("dev_subset1000.tsv")
names = sorted({y for *_, y in train})
train = [(a, b, names.index(y)) for a, b, y in train]
dev = [(a, b, names.index(y)) for a, b, y in dev]


def mlp(i, o, p=0.15):
    return nn.Sequential(nn.Dropout(p), nn.Linear(i, o), nn.ReLU(), nn.Dropout(p), nn.Linear(o, o), nn.ReLU())


class DecAtt(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.inp = nn.Linear(50, h, bias=False)
        self.att, self.cmp, self.agg = mlp(h, h), mlp(2 * h, h), mlp(2 * h, h)
        self.out = nn.Linear(h, len(names))

    def forward(self, a, b):
        ma, mb = a != 0, b != 0
        ea, eb = self.inp(self.emb(a)), self.inp(self.emb(b))
        e = self.att(ea) @ self.att(eb).transpose(1, 2) / ea.size(2) ** 0.5
        beta = e.masked_fill(~mb[:, None, :], -1e9).softmax(2) @ eb
        alpha = e.transpose(1, 2).masked_fill(~ma[:, None, :], -1e9).softmax(2) @ ea
        va = (self.cmp(torch.cat([ea, beta], 2)) * ma[..., None]).sum(1)
        vb = (self.cmp(torch.cat([eb, alpha], 2)) * mb[..., None]).sum(1)
        return self.out(self.agg(torch.cat([va, vb], 1)))


def batch(part):
    return pad_sequence([p[0] for p in part], True), pad_sequence([p[1] for p in part], True), torch.tensor([p[2] for p in part])


def accuracy(part):
    net.eval()
    with torch.no_grad():
        return sum((net(*batch(part[i:i + 250])[:2]).argmax(1) == batch(part[i:i + 250])[2]).sum().item() for i in range(0, len(part), 250)) / len(part)


net = DecAtt()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
for epoch in range(5):
    net.train()
    random.shuffle(train)
    run = 0
    for i in range(0, len(train), 100):
        a, b, y = batch(train[i:i + 100])
        loss = nn.functional.cross_entropy(net(a, b), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        opt.step()
        run += loss.item() * len(y)
    print(f"epoch {epoch + 1} loss {run / len(train):.4f} dev {accuracy(dev):.4f}")
print("train", round(accuracy(train[:2000]), 4), "dev", round(accuracy(dev), 4))
