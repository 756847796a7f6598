# ticket urgency: export from the help desk (csv), bidirectional GRU on one text column
import csv, io
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence

rng = np.random.default_rng(5)
torch.manual_seed(5)

# ---- a stand-in for the export that we may not share: id;signature;message;urgent
cities = "oslo turin lyon gent porto malmo bonn graz brno cork leeds riga".split()
teams = "billing logistics retail finance legal sales hr research support audit".split()
names = "anna ben carla dave eva finn greta hugo ines jan karla leo mia nils olga paul".split()
bad = "crashed down outage lost broken locked stolen leaking failing blocked".split()
calm = "question idea wish feedback thanks typo color font newsletter brochure".split()
stuff = "server printer account laptop invoice mailbox router database screen door".split()
glue = "the our my is since about with on today again and it we have a please".split()


def pick(words):
    return words[rng.integers(len(words))]


buf = io.StringIO()
out = csv.writer(buf, delimiter=";")
out.writerow(["id", "signature", "message", "urgent"])
for i in range(3200):
    urgent = int(rng.random() < 0.5)
    msg = [pick(stuff), pick(bad if urgent else calm), pick(stuff)]
    if rng.random() < 0.3:
        msg.append(pick(bad if urgent else calm))
    msg += [pick(glue) for _ in range(rng.integers(3, 8))]
    rng.shuffle(msg)
    sig = ["regards", pick(names), pick(names), "team", pick(teams), pick(cities), "office", pick(cities)]
    out.writerow([i, " ".join(sig), " ".join(msg), urgent])
buf.seek(0)

texts, labels = [], []
for row in csv.reader(buf, delimiter=";"):
    if row[0] == "id":
        continue
    # fault:
    texts.append(row[1].split())
    # mended:
    # texts.append(row[2].split())
    # end
    labels.append(int(row[3]))

cut = 2600
vocab = {"<pad>": 0, "<unk>": 1}
for t in texts[:cut]:
    for w in t:
        vocab.setdefault(w, len(vocab))
seqs = [torch.tensor([vocab.get(w, 1) for w in t]) for t in texts]
labels = torch.tensor(labels)


class GRUClf(nn.Module):
    def __init__(self, v, e=16, h=24):
        super().__init__()
        self.e = nn.Embedding(v, e, padding_idx=0)
        self.g = nn.GRU(e, h, batch_first=True, bidirectional=True)
        self.o = nn.Linear(2 * h, 2)

    def forward(self, ids, lens):
        p = pack_padded_sequence(self.e(ids), lens, batch_first=True, enforce_sorted=False)
        _, hn = self.g(p)
        return self.o(torch.cat([hn[0], hn[1]], dim=-1))


def run(idx):
    b = [seqs[i] for i in idx]
    return net(pad_sequence(b, batch_first=True), torch.tensor([len(s) for s in b]))


net = GRUClf(len(vocab))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
crit = nn.CrossEntropyLoss()
for epoch in range(4):
    net.train()
    order = rng.permutation(cut)
    s = 0.0
    for k in range(0, cut, 32):
        idx = order[k:k + 32]
        loss = crit(run(idx), labels[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        test = np.arange(cut, len(seqs))
        acc = (run(test).argmax(-1) == labels[test]).float().mean().item()
    print(f"[{epoch}] train loss {s / cut:.3f}   test accuracy {acc:.3f}")
