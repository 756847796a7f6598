"""SICK relatedness: siamese encoder over fixed GloVe vectors, regression to the score, Pearson r on the trial part."""
import csv, gzip, os, re
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(42); np.random.seed(42)
ROOT = os.environ["WORDFIT_DATA"]


def read_sick(name):
    with open(f"{ROOT}/glue/SICK/{name}", encoding="utf-8") as f:
        r = csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(d["sentence_A"], d["sentence_B"], float(d["relatedness_score"])) for d in r]


tr, va = read_sick("SICK_train.txt"), read_sick("SICK_trial.txt")
tok = lambda s: re.findall(r"[a-z]+", s.lower())
need = {w for a, b, _ in tr + va for w in tok(a) + tok(b)}
table = {}
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in need:
            table[w] = np.array(rest.split(), dtype=np.float32)
words = sorted(need)
mean, std = np.stack(list(table.values())).mean(0), np.stack(list(table.values())).std(0)
M = np.stack([np.zeros(50)] + [table[w] if w in table else np.random.normal(mean, std) for w in words]).astype(np.float32)
ix = {w: i + 1 for i, w in enumerate(words)}
print(f"{len(table)} of {len(need)} words have a vector")


def ids(sentences, width=34):
    out = np.zeros((len(sentences), width), dtype=np.int64)
    for i, s in enumerate(sentences):
        t = [ix[w] for w in tok(s) if w in ix][:width]
        out[i, :len(t)] = t
    return torch.from_numpy(out)


def tensors(rows):
    return ids([r[0] for r in rows]), ids([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.from_numpy(M))          # not a parameter: it is not tuned
        self.proj = nn.Linear(50, 40)
        self.head = nn.Sequential(nn.Linear(4 * 40 + 3, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))

    def encode(self, x):
        h = torch.tanh(self.proj(self.table[x])).masked_fill((x == 0).unsqueeze(-1), -1e4)
        raw = self.table[x].sum(1) / (x != 0).sum(1, keepdim=True)
        return h.max(1).values, raw

    def forward(self, a, b):
        (u, ru), (v, rv) = self.encode(a), self.encode(b)
        # share of the words that the other sentence has too
        eq = (a.unsqueeze(2) == b.unsqueeze(1)) & (a != 0).unsqueeze(2)
        ov = torch.stack([eq.any(2).sum(1) / (a != 0).sum(1), eq.any(1).sum(1) / (b != 0).sum(1)], 1).float()
        cos = nn.functional.cosine_similarity(ru, rv).unsqueeze(1)
        f = torch.cat([(u - v).abs(), u * v, torch.max(u, v), torch.min(u, v), ov, cos], 1)
        return 3.5 + self.head(f).squeeze(1)


train, valid = tensors(tr), tensors(va)
net = Siamese()
opt = torch.optim.Adagrad(net.parameters(), lr=0.02)
dl = DataLoader(TensorDataset(*train), batch_size=64, shuffle=True)


@torch.no_grad()
def score(t, n=None):
    net.eval()
    p = net(t[0][:n], t[1][:n])
    return np.corrcoef(p.numpy(), t[2][:n].numpy())[0, 1], nn.functional.mse_loss(p, t[2][:n]).item()


for e in range(1, 8):
    net.train()
    for a, b, y in dl:
        opt.zero_grad()
        loss = nn.functional.smooth_l1_loss(net(a, b), y)
        loss.backward()
        opt.step()
    (r, m), (rt, mt) = score(valid), score(train, 1500)
    print(f"epoch {e}: train r {rt:.3f} mse {mt:.3f} | trial r {r:.3f} mse {m:.3f} (variance {valid[2].var():.3f})")
