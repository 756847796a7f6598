"""Which follow-up path does a patient take?  Patients are lists of visits, visits are sets of diagnosis codes."""
import random

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence

random.seed(11)
torch.manual_seed(11)

CHAPTERS = {"I": "circulatory", "J": "respiratory", "E": "metabolic", "M": "musculoskeletal"}
CODES = [f"{c}{n:02d}" for c in CHAPTERS for n in range(10, 60)]
OTHER = [f"Z{n:02d}" for n in range(40)]
code_id = {c: i for i, c in enumerate(CODES + OTHER)}
PATHS = ["cardiology", "pulmonary rehab", "diabetes clinic", "orthopaedics"]
LETTERS = list(CHAPTERS)


def draw_visit(letter):
    codes = random.sample([c for c in CODES if c[0] == letter], random.randint(2, 3))
    codes += random.sample(OTHER, random.randint(0, 2))
    random.shuffle(codes)
    return [code_id[c] for c in codes]


def draw_patient():
    visits = [random.randrange(4) for _ in range(random.randint(2, 5))]
    # the department that sees the patient last takes over the follow-up
    path = visits[-1]
    if random.random() < 0.03:
        path = random.randrange(4)
    return [draw_visit(LETTERS[v]) for v in visits], path


seen, patients = set(), []
while len(patients) < 2400:
    p = draw_patient()
    if str(p[0]) not in seen:
        seen.add(str(p[0]))
        patients.append(p)
train, held = patients[:2000], patients[2000:]


class PatientModel(nn.Module):
    def __init__(self, n_codes, width=8, hidden=24):
        super().__init__()
        self.codes = nn.EmbeddingBag(n_codes, width, mode="mean")
        self.visit = nn.Sequential(nn.Linear(width, width), nn.Tanh())
        self.rnn = nn.GRU(width, hidden, batch_first=True)
        self.out = nn.Linear(hidden, len(PATHS))

    def forward(self, batch):
        counts = [len(p) for p in batch]
        bags = [torch.tensor(v) for p in batch for v in p]
        offsets = torch.tensor([0] + [len(b) for b in bags[:-1]]).cumsum(0)
        visits = self.visit(self.codes(torch.cat(bags), offsets))
        # fault:
        chunks = np.split(visits.detach().numpy(), np.cumsum(counts)[:-1])
        timeline = pad_sequence([torch.from_numpy(c) for c in chunks], batch_first=True)
        # mended:
        #chunks = torch.split(visits, counts)
        #timeline = pad_sequence(list(chunks), batch_first=True)
        # end
        packed = pack_padded_sequence(timeline, torch.tensor(counts), batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.out(h[-1])


def accuracy(model, rows):
    model.eval()
    with torch.no_grad():
        guess = model([p for p, _ in rows]).argmax(1)
    return (guess == torch.tensor([y for _, y in rows])).float().mean().item()


model = PatientModel(len(code_id))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(9):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 50):
        chunk = train[i:i + 50]
        loss = loss_fn(model([p for p, _ in chunk]), torch.tensor([y for _, y in chunk]))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item()
    print(f"epoch {epoch + 1:2d}  loss {total * 50 / len(train):.3f}  held-out {accuracy(model, held):.3f}")

print("train accuracy   ", round(accuracy(model, train), 3))
print("held-out accuracy", round(accuracy(model, held), 3))
