# SST-2, EmbeddingBag started from Twitter GloVe and tuned with a learning rate of its own
import gzip, os, random
import torch
import torch.nn as nn

random.seed(19); torch.manual_seed(19)
DATA = os.environ["WORDFIT_DATA"]


def read(path, limit=None):
    rows = []
    with open(path, encoding="utf-8") as f:
        next(f)
        for line in f:
            s, y = line.rstrip("\n").split("\t")
            if len(s.split()) >= 3:
                rows.append((s.split(), int(y)))
    if limit:
        rows = random.sample(rows, limit)
    return rows


train, dev = read(DATA + "/glue/SST-2/train.tsv", 12000), read(DATA + "/glue/SST-2/dev.tsv")
inside = {" ".join(s) for s, _ in dev}
train = [r for r in train if " ".join(r[0]) not in inside]

words, vectors = ["<unk>"], [[0.0] * 25]
with gzip.open(DATA + "/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        words.append(w)
        vectors.append([float(a) for a in v])
vectors = torch.tensor(vectors)
stoi = {w: i for i, w in enumerate(words)}


class BagOfVectors(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.bag = nn.EmbeddingBag.from_pretrained(vectors, mode="mean")
        # mended:
        # self.bag = nn.EmbeddingBag.from_pretrained(vectors, mode="mean", freeze=False)
        # end
        self.norm = nn.LayerNorm(25)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(25, 2)

    def forward(self, ids, offsets):
        return self.head(self.drop(self.norm(self.bag(ids, offsets))))


def collate(rows):
    ids = [[stoi.get(w, 0) for w in s] for s, _ in rows]
    off = [0]
    for t in ids[:-1]:
        off.append(off[-1] + len(t))
    return torch.tensor(sum(ids, [])), torch.tensor(off), torch.tensor([y for _, y in rows])


model = BagOfVectors(vectors)
optimizer = torch.optim.Adam([
    {"params": model.bag.parameters(), "lr": 3e-3},
    {"params": list(model.norm.parameters()) + list(model.head.parameters()), "lr": 5e-3},
])
criterion = nn.CrossEntropyLoss()
loader = torch.utils.data.DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
for epoch in range(4):
    model.train()
    total = 0.0
    for ids, off, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(ids, off), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        ids, off, y = collate(dev)
        out = model(ids, off)
    print(f"epoch {epoch}: train loss {total / len(train):.4f}, dev loss {criterion(out, y).item():.4f}, dev acc {(out.argmax(1) == y).float().mean().item():.4f}")
