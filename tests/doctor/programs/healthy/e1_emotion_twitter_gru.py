# TweetEval emotion: GloVe-Twitter and GloVe-6B vectors side by side (both fixed), GRU + attention pooling, macro-F1
import gzip, os, re, random, copy
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(3); torch.manual_seed(3)
base = os.environ["WORDFIT_DATA"]
tok = re.compile(r"[a-z']+")


def read(split):
    d = f"{base}/sentiment/tweeteval/emotion/{split}"
    with open(d + "_text.txt", encoding="utf-8") as f, open(d + "_labels.txt") as g:
        out = []
        for t, y in zip(f.read().split("\n"), g.read().split()):
            toks = tok.findall(t.lower().replace("#", " "))[:20]
            out.append((toks or ["<unk>"], int(y)))
    return out


train, val = read("train")[:1900], read("val")
freq = {}
for t, _ in train:
    for w in t:
        freq[w] = freq.get(w, 0) + 1


def vectors(name):
    found = {}
    with gzip.open(f"{base}/vectors/{name}", "rt", encoding="utf-8") as f:
        for line in f:
            w, v = line.rstrip().split(" ", 1)
            if w in freq:
                found[w] = torch.tensor([float(x) for x in v.split(" ")])
    m = torch.stack(list(found.values()))
    mu, sd = m.mean(0), m.std(0)
    return {w: (v - mu) / sd for w, v in found.items()}      # standardised, so that the mean vector is zero


a, b = vectors("glove.twitter.27B.25d.common11925.txt.gz"), vectors("glove.6B.50d.top10361.txt.gz")
stoi = {"<pad>": 0, "<unk>": 1}
for w in sorted(set(a) | set(b)):
    stoi[w] = len(stoi)
table = torch.zeros(len(stoi), 75)
for w, i in stoi.items():
    if i > 1:
        table[i] = torch.cat([a.get(w, torch.zeros(25)), b.get(w, torch.zeros(50))]) * 0.5
print("classes", [sum(y == c for _, y in train) for c in range(4)], "vectors", tuple(table.shape))


def collate(b):
    n = max(len(t) for t, _ in b)
    return torch.tensor([[stoi.get(w, 1) for w in t] + [0] * (n - len(t)) for t, _ in b]), torch.tensor([y for _, y in b])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.gru = nn.GRU(75, 24, batch_first=True, bidirectional=True)
        self.query = nn.Linear(48, 1)
        self.drop_in, self.drop = nn.Dropout(0.15), nn.Dropout(0.5)
        self.fc = nn.Linear(48, 4)

    def forward(self, x):
        p = nn.utils.rnn.pack_padded_sequence(self.drop_in(self.emb(x)), (x > 0).sum(1), batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.gru(p)[0], batch_first=True, total_length=x.size(1))
        a = self.query(torch.tanh(h)).squeeze(2).masked_fill(x == 0, float("-inf")).softmax(1)
        return self.fc(self.drop((a.unsqueeze(2) * h).sum(1)))


def macro(data):
    net.eval()
    conf = torch.zeros(4, 4)
    with torch.no_grad():
        for x, y in DataLoader(data, batch_size=128, collate_fn=collate):
            conf.index_put_((y, net(x).argmax(1)), torch.ones(len(y)), accumulate=True)
    return (2 * conf.diag() / (conf.sum(0) + conf.sum(1)).clamp(min=1)).mean().item(), (conf.diag().sum() / conf.sum()).item()


net = Net()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=3.5e-3)
counts = torch.bincount(torch.tensor([y for _, y in train])).float()
weight = (counts.mean() / counts).sqrt()
dl = DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
best, state, bad = 0.0, None, 0
for ep in range(1, 6):
    net.train()
    tot = 0.0
    for x, y in dl:
        opt.zero_grad()
        loss = F.cross_entropy(net(x), y, weight=weight)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        tot += loss.item()
    sched.step()
    (tf, ta), (vf, va) = macro(train[:400]), macro(val)
    print(f"epoch {ep} loss {tot / len(dl):.3f} train F1 {tf:.3f} acc {ta:.3f}  val F1 {vf:.3f} acc {va:.3f}")
    if vf > best:
        best, state, bad = vf, copy.deepcopy(net.state_dict()), 0
    else:
        bad += 1
        if bad == 3:
            break
net.load_state_dict(state)
print("best: val F1 %.3f acc %.3f" % macro(val))
