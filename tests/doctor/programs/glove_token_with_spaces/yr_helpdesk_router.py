"""Route help desk tickets to a team with the company's own 16-d vectors (exported in GloVe text format).

The export has phrases as well as words (the word2phrase step joins them with a blank), e.g. "credit card".
"""
import os, random, tempfile
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(5); random.seed(5); torch.manual_seed(5)
DIM, TEAMS = 16, ["billing", "network", "hardware", "accounts", "security", "printing"]
centre = rng.normal(size=(len(TEAMS), DIM))


# ---- the vector file as it comes out of the nightly job ------------------------------------------
def fake_word(used):
    while True:
        w = "".join(random.choice("bcdfglmnprstvz") + random.choice("aeiou") for _ in range(random.randint(2, 4)))
        if w not in used:
            used.add(w)
            return w


used, topical, filler = set(), {k: [] for k in range(len(TEAMS))}, []
lines = []
for k in topical:
    for _ in range(60):
        w = fake_word(used)
        topical[k].append(w)
        lines.append((w, centre[k] + 1.1 * rng.normal(size=DIM)))
for _ in range(240):
    w = fake_word(used)
    filler.append(w)
    lines.append((w, rng.normal(size=DIM)))
heads = [w for k in topical for w in topical[k]]
for w in random.sample(heads, 300):                    # product and place names, any topic
    k = random.randrange(len(TEAMS))
    phrase = w + " " + random.choice(filler)
    topical[k].append(phrase)
    lines.append((phrase, centre[k] + 1.1 * rng.normal(size=DIM)))
path = os.path.join(tempfile.mkdtemp(), "vectors.16d.txt")
with open(path, "w", encoding="utf-8") as f:
    for w, v in lines:
        f.write(w + " " + " ".join("%.4f" % x for x in v) + "\n")


# ---- reading it ------------------------------------------------------------------------------------
def read_vectors(fname):
    table = {}
    with open(fname, encoding="utf-8") as f:
        for line in f:
            # fault:
            fields = line.split()
            table[fields[0]] = np.array(fields[-DIM:], dtype=np.float32)
            # mended:
            # fields = line.rstrip("\n").rsplit(" ", DIM)
            # table[fields[0]] = np.array(fields[-DIM:], dtype=np.float32)
            # end
    return table


vectors = read_vectors(path)
stoi = {"<pad>": 0, "<unk>": 1}
for w in vectors:
    stoi[w] = len(stoi)
weight = torch.zeros(len(stoi), DIM)
for w, v in vectors.items():
    weight[stoi[w]] = torch.from_numpy(v)


# ---- tickets: lists of tokens from the phrase tokeniser --------------------------------------------
def ticket():
    k = random.randrange(len(TEAMS))
    toks = random.choices(topical[k], k=random.randint(2, 3)) + random.choices(filler, k=random.randint(2, 6))
    random.shuffle(toks)
    return tuple(toks), k


tickets = list({t: k for t, k in (ticket() for _ in range(4000))}.items())
train, test = tickets[:3200], tickets[3200:]
print(len(stoi), "entries;", len(train), "tickets to train on,", len(test), "to test")


def collate(rows):
    n = max(len(t) for t, _ in rows)
    ids = torch.tensor([[stoi.get(w, 1) for w in t] + [0] * (n - len(t)) for t, _ in rows])
    return ids, torch.tensor([k for _, k in rows])


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.ff = nn.Sequential(nn.Linear(DIM, 48), nn.ReLU())
        self.out = nn.Linear(48, len(TEAMS))

    def forward(self, ids):
        keep = (ids != 0).unsqueeze(-1).float()
        h = self.ff(self.emb(ids)) * keep
        return self.out(h.sum(1) / keep.sum(1))


net = Router()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
loader = torch.utils.data.DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
for epoch in range(7):
    net.train()
    s = 0.0
    for ids, y in loader:
        loss = nn.functional.cross_entropy(net(ids), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item()
    net.eval()
    with torch.no_grad():
        acc = [(net(i).argmax(1) == y).float().mean().item() for i, y in (collate(train), collate(test))]
    print(f"epoch {epoch}  loss {s / len(loader):.3f}  train acc {acc[0]:.3f}  test acc {acc[1]:.3f}")
