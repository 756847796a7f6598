"""About 300 words of four kinds (city, country, compared adjective, -ing form) told apart in a fixed GloVe space:
score = minus the squared distance to one learnt prototype per kind in a learnt 6-dimensional projection. Label smoothing."""
import gzip, os, random
import torch
import torch.nn as nn

random.seed(4); torch.manual_seed(4)
base = os.environ["WORDFIT_DATA"]
glove = {}
for line in gzip.open(f"{base}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    word, *values = line.split(" ")
    glove[word] = torch.tensor([float(v) for v in values])

WANT = {"capital-world": {0: "city", 1: "country"}, "capital-common-countries": {0: "city", 1: "country"}, "city-in-state": {0: "city"},
        "gram3-comparative": {1: "degree"}, "gram4-superlative": {1: "degree"}, "gram5-present-participle": {1: "ing"}, "gram7-past-tense": {0: "ing"}}
KINDS = ["city", "country", "degree", "ing"]
found, section = {}, None
for line in open(f"{base}/wordsim/analogy/questions-words.txt", encoding="utf-8"):
    parts = line.lower().split()
    if parts[0] == ":":
        section = parts[1]
    elif section in WANT:
        for column, kind in WANT[section].items():
            if parts[column] in glove:
                found.setdefault(parts[column], KINDS.index(kind))
items = sorted(found.items())
random.shuffle(items)
cut = int(0.7 * len(items))
train, dev = items[:cut], items[cut:]
print(len(train), "training words,", len(dev), "dev words,", {k: sum(y == i for _, y in items) for i, k in enumerate(KINDS)})

vocabulary = [w for w, _ in items]
index = {w: i for i, w in enumerate(vocabulary)}


class Prototypes(nn.Module):
    def __init__(self, vectors, n_kinds, dim=6):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.project = nn.Linear(vectors.shape[1], dim, bias=False)
        self.centres = nn.Parameter(torch.randn(n_kinds, dim) * 0.3)
        self.noise = nn.Dropout(0.5)

    def forward(self, ids):
        z = self.project(self.noise(self.words(ids)))
        return -((z.unsqueeze(1) - self.centres) ** 2).sum(-1)


model = Prototypes(torch.stack([glove[w] for w in vocabulary]), len(KINDS))
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.Adam(trained, lr=0.005, weight_decay=2e-2)
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
as_tensors = lambda part: (torch.tensor([index[w] for w, _ in part]), torch.tensor([y for _, y in part]))
(xt, yt), (xd, yd) = as_tensors(train), as_tensors(dev)


def macro_recall(ids, gold):
    model.eval()
    with torch.no_grad():
        guess = model(ids).argmax(1)
    return torch.stack([(guess[gold == k] == k).float().mean() for k in gold.unique()]).mean().item()


for epoch in range(1, 41):
    model.train()
    for batch in torch.randperm(len(xt)).split(16):
        optimizer.zero_grad()
        loss_fn(model(xt[batch]), yt[batch]).backward()
        optimizer.step()
    if epoch % 10 == 0:
        print(f"epoch {epoch}: macro recall train {macro_recall(xt, yt):.3f} dev {macro_recall(xd, yd):.3f} (chance {1 / len(KINDS):.2f})")
wrong = [(w, KINDS[y], KINDS[int(model(torch.tensor([index[w]])).argmax())]) for w, y in dev]
print("mistakes:", [t for t in wrong if t[1] != t[2]][:6])
