# How long are the words of a sentence on average? (first half of a readability formula, learnt from word ids)
# The network never sees the letters, it has to work out a number per word and average them.
import gzip, os, random
from collections import Counter
import torch
from torch import nn, optim
from torch.nn.utils.rnn import pad_sequence

random.seed(3)
torch.manual_seed(3)

with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz"), "rt", encoding="utf-8") as fh:
    lines = [next(fh).lower().split() for _ in range(20000)]
sents = [[w for w in l if w.isalpha()] for l in lines]
sents = [s for s in sents if 3 <= len(s) <= 50]
random.shuffle(sents)
sents = sents[:7000]

PAD, UNK = 0, 1
freq = Counter(w for s in sents[:6000] for w in s)
vocab = {w: i + 2 for i, (w, c) in enumerate(freq.most_common(1500))}
pairs = []
for s in sents:
    s = [w for w in s if w in vocab]
    if len(s) >= 3:
        pairs.append((torch.tensor([vocab[w] for w in s]), sum(map(len, s)) / len(s)))
n_dev = 1000
dev, train = pairs[:n_dev], pairs[n_dev:]
mean_y = sum(y for _, y in train) / len(train)


def batches(rows, size, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), size):
        xs, ys = zip(*rows[i:i + size])
        yield pad_sequence(xs, batch_first=True, padding_value=PAD), torch.tensor(ys) - mean_y


class Readability(nn.Module):
    def __init__(self, n, d=16):
        super().__init__()
        self.E = nn.Embedding(n, d, padding_idx=PAD)
        self.mlp = nn.Sequential(nn.Linear(d, 24), nn.ReLU(), nn.Linear(24, 8))
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        h = self.mlp(self.E(x))
        # fault:
        pooled = h.mean(dim=1)
        # mended:
        # real = (x != PAD).unsqueeze(2).type_as(h)
        # pooled = (h * real).sum(dim=1) / real.sum(dim=1)
        # end
        return self.out(pooled).squeeze(1)


net = Readability(len(vocab) + 2)
opt = optim.Adam(net.parameters(), lr=1e-2)
var = torch.tensor([y for _, y in dev]).var().item()
for epoch in range(1, 6):
    net.train()
    sq = 0.0
    for x, y in batches(train, 50, True):
        loss = nn.functional.mse_loss(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
        sq += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        err = sum(((net(x) - y) ** 2).sum().item() for x, y in batches(dev, 100, False)) / len(dev)
    print(f"epoch {epoch}: train mse {sq / len(train):.4f}  dev mse {err:.4f}  dev R^2 {1 - err / var:.3f}")
