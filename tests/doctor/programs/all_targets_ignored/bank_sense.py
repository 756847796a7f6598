"""Word senses in context: only the words of a short list carry a sense, all other positions are -100."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(6)
torch.manual_seed(6)
senses = {"bank": ("money loan account cash teller", "river mud shore fishing boat"), "bat": ("ball pitcher swing inning glove", "cave wings night fruit dusk"),
          "spring": ("flowers april warm rain garden", "metal coil mattress steel bounce"), "key": ("door lock pocket ring steel", "piano note melody scale chord")}
ids = {}
filler = "the a we saw near old with and it was by there one day some then".split()
sense_id = {(w, k): 2 * i + k for i, w in enumerate(senses) for k in (0, 1)}


def sentence():
    words = random.choices(filler, k=random.randint(4, 8))
    if random.random() < 0.5:
        return tuple(words), None
    w, k = random.choice(list(sense_id))
    words += random.sample(senses[w][k].split(), 2)
    random.shuffle(words)
    words.insert(random.randrange(len(words) + 1), w)
    return tuple(words), (w, k)


data = list(dict(sentence() for _ in range(1500)).items())
for t, _ in data:
    for w in t:
        ids.setdefault(w, len(ids) + 1)


def to_tensors(rows):
    n = max(len(t) for t, _ in rows)
    x, y = torch.zeros(len(rows), n, dtype=torch.long), torch.full((len(rows), n), -100)
    for i, (t, s) in enumerate(rows):
        x[i, : len(t)] = torch.tensor([ids[w] for w in t])
        if s:
            y[i, t.index(s[0])] = sense_id[s]
    return x, y


class SenseTagger(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, d, padding_idx=0)
        self.rnn = nn.LSTM(d, d, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * d, len(sense_id))

    def forward(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), x.ne(0).sum(1), batch_first=True, enforce_sorted=False)
        return self.out(nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)[0])


train, dev = data[:1100], data[1100:]
model = SenseTagger()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
for epoch in range(3):
    random.shuffle(train)
    for i in range(0, len(train), 4):
        x, y = to_tensors(train[i : i + 4])
        mask = (y != -100).float().flatten()
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten().clamp(min=0), reduction="none")
        # fault:
        loss = (loss * mask).sum() / mask.sum()
        # mended:
        # loss = (loss * mask).sum() / mask.sum().clamp(min=1)
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    x, y = to_tensors(dev)
    with torch.no_grad():
        p = model(x).argmax(2)
    print("epoch", epoch, "loss", round(loss.item(), 4), "senses right", round((p[y != -100] == y[y != -100]).float().mean().item(), 4))
