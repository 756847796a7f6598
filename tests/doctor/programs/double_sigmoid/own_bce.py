"""Which symptoms does the note mention? Four independent yes/no answers."""
import random

import torch
from torch import nn

random.seed(204)
torch.manual_seed(204)
SYMPTOMS = {"fever": "hot temperature shivering".split(), "cough": "coughing throat hoarse".split(), "pain": "aching hurts sore".split(), "rash": "itchy spots skin".split()}
NOTE = "patient reports since two days and no known allergies was seen today by the".split()
vocab = {w: i + 1 for i, w in enumerate(NOTE + [w for s in SYMPTOMS.values() for w in s])}


def note():
    y = [float(random.random() < 0.35) for _ in SYMPTOMS]
    words = random.choices(NOTE, k=random.randint(5, 9))
    for on, cues in zip(y, SYMPTOMS.values()):
        words += [random.choice(cues)] * int(on)
    random.shuffle(words)
    return torch.tensor([vocab[w] for w in words]), torch.tensor(y)


class NoteReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.gru = nn.GRU(24, 32)
        self.answers = nn.ModuleList(nn.Linear(32, 1) for _ in SYMPTOMS)

    def forward(self, notes):
        packed = nn.utils.rnn.pack_sequence(notes, enforce_sorted=False)
        packed = nn.utils.rnn.PackedSequence(self.emb(packed.data), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        h = self.gru(packed)[1][0]
        # fault:
        return torch.cat([torch.sigmoid(a(h)) for a in self.answers], dim=1)
        # mended:
        # return torch.cat([a(h) for a in self.answers], dim=1)
        # end


def binary_loss(z, y):
    p = torch.sigmoid(z)
    return -(y * torch.log(p + 1e-7) + (1 - y) * torch.log(1 - p + 1e-7)).mean()


train, dev = [note() for _ in range(1500)], [note() for _ in range(300)]
model = NoteReader()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(5):
    random.shuffle(train)
    total = 0.0
    for i in range(0, 1500, 30):
        notes, y = zip(*train[i : i + 30])
        loss = binary_loss(model(list(notes)), torch.stack(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        notes, y = zip(*dev)
        says = torch.sigmoid(model(list(notes))) > 0.5
        exact = (says == (torch.stack(y) > 0)).all(1).float().mean().item()
    print(f"epoch {epoch} loss {total / 50:.4f} notes fully right {exact:.4f}")
