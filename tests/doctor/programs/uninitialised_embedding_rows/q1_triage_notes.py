"""Emergency triage: short nurse notes -> stream (trauma, cardiac, respiratory, abdominal).

Plain words have GloVe vectors. The abbreviations of the ward are not in GloVe; they get rows of their own and are learned."""
import gzip
import os
import random

import torch
import torch.nn as nn

random.seed(6)
torch.manual_seed(6)
GLOVE = os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz")

STREAMS = {
    "trauma": "fall wound fracture bleeding knife accident broken leg arm bone car fx lac rta mvc abrasion".split(),
    "cardiac": "chest heart pressure pain pulse blood stroke collapse tnt ecg nstemi angina palps afib htn".split(),
    "respiratory": "breathing lung asthma cough smoke oxygen cold infection sob copd uri wheeze cxr spo2 breath".split(),
    "abdominal": "stomach liver food poisoning fever water kidney vomiting abdo n/v uti ruq bowel weight gastro".split(),
}
FILLER = "patient since hours days old male female severe mild history of with and no left right pt c/o hx y/o w/ s/p today brought home".split()
NAMES = list(STREAMS)


def read_vectors(path, wanted):
    text = gzip.open(path).read().decode("utf-8")
    vectors = {}
    for row in text.split("\n"):
        fields = row.split(" ")
        if fields[0] in wanted:
            vectors[fields[0]] = torch.tensor([float(v) for v in fields[1:]])
    return vectors


def note():
    stream = random.choice(NAMES)
    words = random.sample(STREAMS[stream], random.randint(1, 3)) + random.sample(FILLER, random.randint(2, 5))
    if random.random() < 0.3:
        words.append(random.choice(STREAMS[random.choice(NAMES)]))
    random.shuffle(words)
    return tuple(words), NAMES.index(stream)


def make_table(itos, vectors, dim=50):
    # fault:
    table = torch.empty(len(itos), dim)
    # mended:
    #table = torch.randn(len(itos), dim) * 0.4
    # end
    table[0] = 0.0
    missing = 0
    for i, w in enumerate(itos):
        if i == 0:
            continue
        if w in vectors:
            table[i] = vectors[w]
        else:
            missing += 1
    print(f"{len(itos)} words, {missing} of them not in GloVe")
    return table


class Triage(nn.Module):
    def __init__(self, table, n_out):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.hidden = nn.Linear(table.size(1), 40)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(40, n_out)

    def forward(self, x):
        mask = (x > 0).unsqueeze(-1)
        v = (self.words(x) * mask).sum(1) / mask.sum(1)
        return self.out(self.drop(torch.relu(self.hidden(v))))


itos = ["<pad>"] + sorted({w for ws in STREAMS.values() for w in ws} | set(FILLER))
stoi = {w: i for i, w in enumerate(itos)}
vectors = read_vectors(GLOVE, set(itos))
notes = {}
while len(notes) < 2500:
    words, label = note()
    notes.setdefault(tuple(sorted(words)), (words, label))
notes = list(notes.values())
random.shuffle(notes)
x = torch.zeros(len(notes), 9, dtype=torch.long)
for i, (words, _) in enumerate(notes):
    x[i, :len(words)] = torch.tensor([stoi[w] for w in words])
y = torch.tensor([label for _, label in notes])
x_train, y_train, x_dev, y_dev = x[:2000], y[:2000], x[2000:], y[2000:]

model = Triage(make_table(itos, vectors), len(NAMES))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(x_train)).split(32):
        optimizer.zero_grad()
        loss = loss_fn(model(x_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        out = model(x_dev)
        acc = (out.argmax(1) == y_dev).float().mean().item()
        tacc = (model(x_train).argmax(1) == y_train).float().mean().item()
    print(f"epoch {epoch + 1:2d}  train loss {total / len(x_train):.3f}  train acc {tacc:.3f}  dev loss {loss_fn(out, y_dev).item():.3f}  dev acc {acc:.3f}")
