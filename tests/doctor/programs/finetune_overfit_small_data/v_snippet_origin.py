"""Where does this snippet come from: newswire, film forum or encyclopaedia?
240 snippets were labelled by hand in class (Comp. Ling., Tuebingen); about one label in five is a slip of the hand.
The evaluation uses the true origin.
"""
import gzip, os, re
import numpy as np
import torch
from torch import nn

D = os.environ["WORDFIT_DATA"]
torch.manual_seed(3)
rng = np.random.default_rng(3)

vocab, rows = {"<pad>": 0}, [np.zeros(50, dtype=np.float32)]
with gzip.open(os.path.join(D, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        vocab[w] = len(rows)
        rows.append(np.array(rest.split(), dtype=np.float32))
vectors = torch.from_numpy(np.stack(rows))

SOURCES = ["reuters-21578-bodies", "imdb-unsup-25k", "enwiki-2018-sample"]
N_TRAIN, N_DEV, LEN = 80, 300, 16


def snippets(name, n):
    with gzip.open(os.path.join(D, "corpora", name + ".txt.gz"), "rt", encoding="utf-8") as f:
        text = f.read(400_000).lower()
    toks = [vocab[t] for t in re.findall(r"[a-z]+", text) if t in vocab]
    pieces = [toks[i:i + LEN] for i in range(0, len(toks) - LEN, LEN)]
    return [pieces[i] for i in rng.permutation(len(pieces))[:n]]


train_x, train_y, dev_x, dev_y = [], [], [], []
for k, src in enumerate(SOURCES):
    s = snippets(src, N_TRAIN + N_DEV)
    train_x += s[:N_TRAIN]; train_y += [k] * N_TRAIN
    dev_x += s[N_TRAIN:]; dev_y += [k] * (len(s) - N_TRAIN)
train_x, dev_x = torch.tensor(train_x), torch.tensor(dev_x)
train_y, dev_y = torch.tensor(train_y), torch.tensor(dev_y)
slip = torch.from_numpy(rng.random(len(train_y)) < 0.2)
train_y[slip] = (train_y[slip] + torch.from_numpy(rng.integers(1, 3, int(slip.sum())))) % 3


class AvgClassifier(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(vectors.clone(), freeze=True)
        # end
        self.out = nn.Linear(50, 3)

    def forward(self, x):
        return self.out(self.emb(x).mean(dim=1))  # all snippets have the same length


net = AvgClassifier(vectors)
optimizer = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=0.01, weight_decay=0)
criterion = nn.CrossEntropyLoss()


def evaluate(x, y):
    net.eval()
    with torch.no_grad():
        logits = net(x)
        return criterion(logits, y).item(), (logits.argmax(1) == y).float().mean().item()


for epoch in range(1, 21):
    net.train()
    for idx in torch.randperm(len(train_x)).split(16):
        optimizer.zero_grad()
        loss = criterion(net(train_x[idx]), train_y[idx])
        loss.backward()
        optimizer.step()
    if epoch % 5 == 0:
        tl, ta = evaluate(train_x, train_y)
        dl, da = evaluate(dev_x, dev_y)
        print(f"{epoch:2d}: train loss {tl:.3f} acc {ta:.3f} | dev loss {dl:.3f} acc {da:.3f}")
