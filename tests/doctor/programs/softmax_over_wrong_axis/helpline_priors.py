"""Who should call back? Many calls say nothing telling, so the model has to know how common each desk is."""
import random

import torch
from torch import nn

random.seed(19)
torch.manual_seed(19)
desks = ["general", "claims", "legal"]
share = [0.65, 0.2, 0.15]
cues = {"general": "hours address price".split(), "claims": "accident hail theft".split(), "legal": "court lawyer dispute".split()}
talk = "hello i would like to speak with somebody about my policy from last year please thank you".split()
ids = {w: i + 1 for i, w in enumerate(talk + sum(cues.values(), []))}


def call():
    k = random.choices(range(3), share)[0]
    t = random.choices(talk, k=random.randint(5, 12))
    if random.random() < 0.5:
        t.insert(random.randrange(len(t)), random.choice(cues[desks[k]]))
    return torch.tensor([ids[w] for w in t]), k


class CallModel(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, d, padding_idx=0)
        self.rnn = nn.GRU(d, d)
        self.fc = nn.Linear(d, len(desks))
        # fault:
        self.logp = nn.LogSoftmax(dim=0)
        # mended:
        # self.logp = nn.LogSoftmax(dim=1)
        # end

    def forward(self, x, n):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, enforce_sorted=False)
        return self.logp(self.fc(self.rnn(packed)[1][-1]))


def batch(rows):
    x = nn.utils.rnn.pad_sequence([t for t, _ in rows])  # (T, B)
    return x, torch.tensor([len(t) for t, _ in rows]), torch.tensor([k for _, k in rows])


calls = [call() for _ in range(1200)]
train, dev = calls[:900], calls[900:]
model = CallModel()
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, 900, 30):
        x, n, y = batch(train[i : i + 30])
        optimizer.zero_grad()
        loss = criterion(model(x, n), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        x, n, y = batch(dev)
        out = model(x, n)
        given = out.exp()[torch.arange(len(y)), y].mean()
        print(f"epoch {epoch} loss {total / 30:.3f} accuracy {(out.argmax(1) == y).float().mean():.3f} probability given to the right desk {given:.3f}")
