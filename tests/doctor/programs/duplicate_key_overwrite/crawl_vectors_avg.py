# coding: utf-8
# Sentiment baseline on web-crawl style vectors (cased file, the crawl lists "good", "Good", "GOOD" as
# separate entries, frequent forms first).  We only have lower-cased GloVe at hand, so the cased tail is
# simulated: rare capitalised forms have few contexts and correspondingly poor vectors.
import gzip, os, random, tempfile
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(13); np.random.seed(13); torch.manual_seed(13)
root = os.environ["WORDFIT_DATA"]


def write_crawl_file(dst):
    rows = gzip.open(os.path.join(root, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8").read().split("\n")
    rows = [r for r in rows if r]
    tail = []
    junk = np.random.normal(0, 0.45, 50)                # rare forms all look alike
    for r in rows:
        w = r.split(" ", 1)[0]
        if w.isalpha() and len(w) > 2 and random.random() < 0.97:
            variant = w.upper() if random.random() < 0.5 else w.capitalize()
            tail.append(variant + " " + " ".join("%.4f" % x for x in junk + np.random.normal(0, 0.4, 50)))
    with open(dst, "w", encoding="utf-8") as f:
        f.write("\n".join(rows + tail) + "\n")


def load_vectors(path):
    w2v = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            word, _, rest = line.rstrip("\n").partition(" ")
            word = word.lower()           # our texts are lower-cased
            # fault:
            w2v[word] = np.fromstring(rest, sep=" ", dtype=np.float32)
            # mended:
            # if word not in w2v:
            #     w2v[word] = np.fromstring(rest, sep=" ", dtype=np.float32)
            # end
    return w2v


def corpus(part):
    with open(os.path.join(root, "sentiment/SST-2-sentences/stsa.binary." + part), encoding="utf-8") as f:
        return [(int(l[0]), l[2:].split()) for l in f]


tmp = os.path.join(tempfile.mkdtemp(), "crawl.50d.vec")
write_crawl_file(tmp)
w2v = load_vectors(tmp)
train, test = corpus("train"), corpus("dev")
itos = ["<pad>"] + sorted({w for _, s in train + test for w in s if w in w2v})
stoi = {w: i for i, w in enumerate(itos)}
weights = torch.tensor(np.stack([np.zeros(50, "f")] + [w2v[w] for w in itos[1:]]))
print(len(w2v), "vectors,", len(itos), "used")


def collate(items):
    ids = [[stoi[w] for w in s if w in stoi] or [stoi["the"]] for _, s in items]
    n = max(map(len, ids))
    return (torch.tensor([i + [0] * (n - len(i)) for i in ids]),
            torch.tensor([y for y, _ in items], dtype=torch.float))


class AvgNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.hid = nn.Linear(50, 32)
        self.out = nn.Linear(32, 1)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        keep = (x != 0).float().unsqueeze(-1)
        v = (self.emb(x) * keep).sum(1) / keep.sum(1)
        return self.out(self.drop(torch.tanh(self.hid(v)))).squeeze(1)


model = AvgNet()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
loader = DataLoader(train, batch_size=50, shuffle=True, collate_fn=collate)
test_x, test_y = collate(test)
for ep in range(6):
    model.train(); tot = hit = 0
    for xb, yb in loader:
        logit = model(xb)
        loss = F.binary_cross_entropy_with_logits(logit, yb)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(yb); hit += ((logit > 0).float() == yb).sum().item()
    model.eval()
    with torch.no_grad():
        dev = ((model(test_x) > 0).float() == test_y).float().mean().item()
    print("ep %d loss %.4f train %.3f dev %.3f" % (ep, tot / len(train), hit / len(train), dev))
