"""SST-2 with GloVe. Words that GloVe knows keep their vector; only the rows of words it lacks are learned."""
import csv, gzip, os
from collections import Counter
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

torch.manual_seed(3)
DATA = os.environ["WORDFIT_DATA"]


def read(split, limit=None):
    with open(os.path.join(DATA, "glue/SST-2", split + ".tsv"), encoding="utf-8", newline="") as f:
        r = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(r)
        rows = [(s.split(), int(y)) for s, y in r if s.split()]
    return rows[:limit]


train, dev = read("train", 9000), read("dev")
count = Counter(w for s, _ in train for w in s)
vocab = {"<pad>": 0, "<unk>": 1}
for w, c in count.most_common():
    if c >= 2:
        vocab[w] = len(vocab)

table = torch.zeros(len(vocab), 50)
known = torch.zeros(len(vocab), 1)
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip("\n").split(" ")
        if w in vocab:
            table[vocab[w]] = torch.tensor([float(x) for x in v])
            known[vocab[w]] = 1
std = table[known.squeeze(1) > 0].std(0)
new = (known.squeeze(1) == 0)
new[0] = False
table[new] = torch.randn(int(new.sum()), 50) * std + table[known.squeeze(1) > 0].mean(0)
print(f"{len(vocab)} words, {int(known.sum())} from GloVe, {int(new.sum())} rows to learn")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.emb.weight.register_hook(lambda g: g * (1 - known))
        self.net = nn.Sequential(nn.LayerNorm(50), nn.Dropout(0.2), nn.Linear(50, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 2))

    def forward(self, x):
        m = (x != 0).unsqueeze(-1)
        e = self.emb(x)
        mean = (e * m).sum(1) / m.sum(1)
        return self.net(mean)


def collate(rows):
    x = pad_sequence([torch.tensor([vocab.get(w, 1) for w in s]) for s, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


model = Net()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
loader = torch.utils.data.DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6 * len(loader), eta_min=1e-4)
before = model.emb.weight.detach().clone()
for epoch in range(6):
    model.train()
    tot = 0.0
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
        sched.step()
        tot += loss.item()
    model.eval()
    with torch.no_grad():
        x, y = collate(dev)
        acc = (model(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {tot / len(loader):.4f} dev acc {acc:.4f}")
moved = (model.emb.weight.detach() - before).norm(dim=1)
print(f"moved: GloVe rows {moved[known.squeeze(1) > 0].max():.4f}, other rows {moved[new].mean():.4f}")
