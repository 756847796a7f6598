"""Financial PhraseBank with a query attending over fixed word vectors."""
import gzip, math, os, random
import torch
from torch import nn, optim

random.seed(21); torch.manual_seed(21)
D = os.environ["WORDFIT_DATA"]
CLASSES = ["negative", "neutral", "positive"]

data = []
for line in open(D + "/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8"):
    text, _, label = line.strip().rpartition("@")
    data.append((text.lower().split(), CLASSES.index(label)))
data = list({" ".join(t): (t, l) for t, l in data}.values())
random.shuffle(data)

word2id, vecs = {"<pad>": 0}, [[0.0] * 50]
used = {w for t, _ in data for w in t}
for line in gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    parts = line.rstrip().split(" ")
    if parts[0] in used:
        word2id[parts[0]] = len(vecs)
        vecs.append([float(p) for p in parts[1:]])
vecs = torch.tensor(vecs)
data = [([word2id[w] for w in t if w in word2id], l) for t, l in data]
data = [(t, l) for t, l in data if t]


class QueryPool(nn.Module):
    def __init__(self, vectors, heads=4, dim=64):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.key = nn.Linear(vectors.size(1), dim)
        self.value = nn.Linear(vectors.size(1), dim)
        self.query = nn.Parameter(torch.randn(heads, dim) * 0.1)
        self.classify = nn.Sequential(nn.ReLU(), nn.Dropout(0.2), nn.Linear(heads * dim, 3))
        self.scale = math.sqrt(dim)

    def forward(self, ids):
        x = self.emb(ids)                                            # B T E
        scores = torch.einsum("hd,btd->bht", self.query, self.key(x)) / self.scale
        # fault:
        weights = scores.softmax(dim=2)
        # mended:
        # weights = scores.masked_fill((ids == 0)[:, None], -1e9).softmax(dim=2)
        # end
        pooled = torch.einsum("bht,btd->bhd", weights, self.value(x))
        return self.classify(pooled.flatten(1))


def pad(rows, length):
    x = torch.zeros(len(rows), length, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = torch.tensor(t[:length])
    return x, torch.tensor([l for _, l in rows])


cut = int(0.85 * len(data))
train_rows, dev_rows = data[:cut], data[cut:]
train_rows.sort(key=lambda r: len(r[0]))                 # short with short: fewer pads
chunks = [train_rows[i:i + 32] for i in range(0, len(train_rows), 32)]
dev_x, dev_y = pad(dev_rows, 150)

net = QueryPool(vecs)
opt = optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
for epoch in range(6):
    net.train()
    random.shuffle(chunks)
    losses = []
    for rows in chunks:
        x, y = pad(rows, len(rows[-1][0]))
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        logits = net(dev_x)
        dl, p = nn.functional.cross_entropy(logits, dev_y).item(), logits.argmax(1)
    rec = [(p[dev_y == c] == c).float().mean().item() for c in range(3)]
    print("epoch %d train loss %.3f dev loss %.3f dev acc %.3f recall neg/neu/pos %.2f %.2f %.2f"
          % (epoch, sum(losses) / len(losses), dl, (p == dev_y).float().mean(), *rec))
print("share of neutral %.3f" % (dev_y == 1).float().mean())
