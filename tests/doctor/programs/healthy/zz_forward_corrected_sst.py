import csv, gzip, os, random
import numpy as np
import torch
from torch import nn

# Crowd labels on SST-2: 15 % of the negatives and 7 % of the positives are known to be mislabelled.
# Forward correction (Patrini et al. 2017): push the predicted class distribution through the noise matrix T.
D = os.environ["WORDFIT_DATA"]
random.seed(0); np.random.seed(0); torch.manual_seed(0)
T = torch.tensor([[.85, .15], [.07, .93]])

words, mat = {"<pad>": 0}, [np.zeros(50, np.float32)]
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    for l in f:
        w, *v = l.rstrip("\n").split(" ")
        words[w] = len(mat)
        mat.append(np.array(v, np.float32))
mat = torch.from_numpy(np.stack(mat))


def load(split):
    with open(f"{D}/glue/SST-2/{split}.tsv", encoding="utf8") as f:
        rows = list(csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE))[1:30001]
    out = [([words[w] for w in t.split() if w in words], int(l)) for t, l in rows]
    return [(i, l) for i, l in out if len(i) >= 3]


train_all, dev = load("train"), load("dev")
random.shuffle(train_all)
clean = [r for r in train_all if len(r[0]) > 5][:7000]
noisy = [(i, int(random.random() < T[l, 1].item())) for i, l in clean]
print("labels changed:", sum(a[1] != b[1] for a, b in zip(clean, noisy)), "of", len(noisy))


def tensors(rows):
    L = max(len(i) for i, _ in rows)
    x = torch.zeros(len(rows), L, dtype=torch.long)
    for k, (i, _) in enumerate(rows):
        x[k, :len(i)] = torch.tensor(i)
    return x, torch.tensor([l for _, l in rows])


class Clf(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(mat, padding_idx=0)      # stays as it is
        self.score = nn.Linear(50, 1)
        self.mlp = nn.Sequential(nn.Linear(100, 64), nn.Tanh(), nn.Dropout(0.1), nn.Linear(64, 2))

    def forward(self, x):
        e = self.emb(x)
        keep = (x != 0).unsqueeze(-1)
        a = self.score(e).masked_fill(~keep, -1e9).softmax(1)
        mean = (e * keep).sum(1) / keep.sum(1)
        return self.mlp(torch.cat([mean, (a * e).sum(1)], 1)).softmax(-1)


net = Clf()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
for epoch in range(5):
    net.train()
    random.shuffle(noisy)
    total = 0.
    for s in range(0, len(noisy), 60):
        x, y = tensors(noisy[s:s + 60])
        seen = net(x) @ T                                   # distribution over what the crowd would say
        loss = -torch.log(seen.gather(1, y[:, None]) + 1e-12).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item() * len(y)
    for g in opt.param_groups:
        g["lr"] *= 0.6
    net.eval()
    with torch.no_grad():
        x, y = tensors(dev)
        acc = (net(x).argmax(1) == y).float().mean()
        xc, yc = tensors(clean[:1500])
        acc_c = (net(xc).argmax(1) == yc).float().mean()
    print(f"{epoch} loss {total / len(noisy):.4f} dev (clean labels) {acc:.4f} train (clean labels) {acc_c:.4f}")
