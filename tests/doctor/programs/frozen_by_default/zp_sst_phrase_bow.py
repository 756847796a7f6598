"""Phrase level sentiment (SST-2): bag of twitter GloVe vectors, tuned together with the head."""
import gzip, os, random
import numpy as np
import torch
import torch.nn as nn

ROOT = os.environ["WORDFIT_DATA"]
SEED, N_TRAIN, MAXLEN = 13, 18000, 32
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)


def read_sst(name):
    rows = []
    with open(os.path.join(ROOT, "glue", "SST-2", name), encoding="utf-8") as f:
        next(f)
        for k, line in enumerate(f):
            if k == 30000:
                break
            text, label = line.rstrip("\n").split("\t")
            rows.append((text.split(), int(label)))
    return rows


def read_glove():
    table = {}
    with gzip.open(os.path.join(ROOT, "vectors", "glove.twitter.27B.25d.common11925.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip().split(" ")
            table[w] = np.array(v, dtype=np.float32)
    return table


everything = [r for r in read_sst("train.tsv") if len(r[0]) > 3]
random.shuffle(everything)
dev = read_sst("dev.tsv")
dev_texts = {" ".join(t) for t, _ in dev}
train = [r for r in everything[:N_TRAIN] if " ".join(r[0]) not in dev_texts]

counts = {}
for toks, _ in train:
    for t in toks:
        counts[t] = counts.get(t, 0) + 1
itos = ["<pad>", "<unk>"] + sorted(w for w, c in counts.items() if c >= 3)
stoi = {w: i for i, w in enumerate(itos)}

glove = read_glove()
std = float(np.std(np.stack(list(glove.values()))))
matrix = np.random.normal(0, std, (len(itos), 25)).astype(np.float32)
for w, i in stoi.items():
    if w in glove:
        matrix[i] = glove[w]
matrix[0] = 0


class BowClassifier(nn.Module):
    def __init__(self, weights):
        super().__init__()
        # start from GloVe, fine-tune on the task
        # fault:
        self.embed = nn.Embedding.from_pretrained(weights, padding_idx=0)
        # mended:
        # self.embed = nn.Embedding.from_pretrained(weights, freeze=False, padding_idx=0)
        # end
        self.fc = nn.Linear(weights.size(1), 2)

    def forward(self, x):
        keep = (x != 0).unsqueeze(-1).float()
        summed = (self.embed(x) * keep).sum(1)
        return self.fc(summed / keep.sum(1).clamp(min=1))


def tensorise(rows):
    x = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    for k, (toks, _) in enumerate(rows):
        ids = [stoi.get(t, 1) for t in toks[:MAXLEN]]
        x[k, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([l for _, l in rows])


@torch.no_grad()
def accuracy(model, x, y):
    model.eval()
    return (model(x).argmax(1) == y).float().mean().item()


Xtr, ytr = tensorise(train)
Xdv, ydv = tensorise(dev)
model = BowClassifier(torch.from_numpy(matrix))
optimizer = torch.optim.Adam([
    {"params": model.embed.parameters(), "lr": 2e-3},
    {"params": model.fc.parameters(), "lr": 1e-2},
])
criterion = nn.CrossEntropyLoss()

for epoch in range(1, 4):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(Xtr)).split(128):
        optimizer.zero_grad()
        loss = criterion(model(Xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    print(f"epoch {epoch}  loss {total / len(Xtr):.4f}  train {accuracy(model, Xtr, ytr):.3f}  dev {accuracy(model, Xdv, ydv):.3f}")
