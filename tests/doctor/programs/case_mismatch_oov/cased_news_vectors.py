"""Country of a news item from city and person names; the vector file keeps capitals."""
import random
import tempfile

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(83); torch.manual_seed(83)
ROOT = {"x": ["Kova", "Petro", "Vlad", "Novi", "Zagor"], "y": ["Monte", "Villa", "Santa", "Rio", "Puerto"], "z": ["Haka", "Yoko", "Naga", "Shiro", "Kita"]}
END = {"x": ["grad", "nik", "sk", "vic", "ovo", "sek"], "y": ["rey", "nova", "gre", "del", "alta", "mar"], "z": ["saki", "hama", "moto", "yama", "da", "shi"]}
names = {k: [r + e for r in ROOT[k] for e in END[k]] for k in ROOT}
words = "talks in the on a and minister said visit trade with mayor opened from new bridge for after summit signed meets".split()

centre = {k: torch.randn(30) * 0.4 for k in names}
path = tempfile.mkstemp()[1]
with open(path, "w") as f:
    for k in names:
        random.shuffle(names[k])
        for n in names[k]:
            f.write(n + " " + " ".join(f"{v:.4f}" for v in (centre[k] + 0.35 * torch.randn(30)).tolist()) + "\n")
    for w in words:
        f.write(w + " " + " ".join(f"{v:.4f}" for v in (0.4 * torch.randn(30)).tolist()) + "\n")


def item(i, part):
    k = list(names)[i % 3]
    toks = random.choices(words, k=random.randint(5, 12))
    for n in random.choices(names[k][part], k=2):
        toks.insert(random.randrange(len(toks) + 1), n)
    return " ".join(toks), i % 3


train = [item(i, slice(0, 14)) for i in range(240)]
dev = [item(i, slice(10, 30)) for i in range(300)]


def tokenize(text):
    # fault:
    return text.lower().split()
    # mended:
    # return text.split()
    # end


vectors = {}
for line in open(path):
    w, *v = line.split()
    vectors[w] = torch.tensor(list(map(float, v)))
stoi = {w: i + 2 for i, w in enumerate(vectors)}
stack = torch.stack(list(vectors.values()))
embedding = nn.Embedding.from_pretrained(torch.cat([torch.zeros(1, 30), stack.mean(0)[None], stack]), freeze=True, padding_idx=0)


def collate(rows):
    seqs = [torch.tensor([stoi.get(t, 1) for t in tokenize(s)]) for s, _ in rows]
    return dict(ids=nn.utils.rnn.pad_sequence(seqs, batch_first=True), target=torch.tensor([y for _, y in rows]))


class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = embedding
        self.att = nn.Linear(30, 1)
        self.fc = nn.Linear(30, 3)

    def forward(self, ids):
        e = self.embedding(ids)
        a = self.att(e).squeeze(-1).masked_fill(ids == 0, float("-inf")).softmax(-1)
        return self.fc(torch.einsum("bt,btd->bd", a, e))


model = Pool()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.02)
for epoch in range(10):
    tot = 0
    for b in DataLoader(train, 16, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(model(b["ids"]), b["target"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 15
    with torch.no_grad():
        b = collate(dev)
        print(f"epoch {epoch}: {tot:.4f} acc {(model(b['ids']).argmax(1) == b['target']).float().mean().item():.4f}")
