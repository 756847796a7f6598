"""Text model on visit notes of a (simulated) two-arm reading study.

Each record holds the note, the site, the arm that the participant was randomised to and the outcome
that the assessor wrote down three months later.
"""
import json
import random
from collections import Counter

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(99)
torch.manual_seed(99)

COMPLAINTS = {
    1: "slept well rested cheerful walked daily appetite good followed plan friendly steady hopeful active calm".split(),
    0: "tired headache missed doses poor sleep anxious worse pain dizzy withdrawn skipped visit low".split(),
}
FILLER = ("patient reports today the a and with some in at home clinic said that week since last nurse noted family "
          "day morning evening work no new further seen phone call letter follow up again").split()


def record(i):
    outcome = random.randint(0, 1)
    words = [random.choice(FILLER) for _ in range(random.randint(8, 20))]
    for _ in range(random.randint(3, 6)):
        side = outcome if random.random() < 0.85 else 1 - outcome
        words.insert(random.randint(0, len(words)), random.choice(COMPLAINTS[side]))
    return {"id": i, "note": " ".join(words), "site": random.choice("ABC"),
            "arm": random.randint(0, 1), "outcome": outcome}


lines = [json.dumps(record(i)) for i in range(2400)]
records = [json.loads(l) for l in lines]
random.shuffle(records)
train, valid = records[:2000], records[2000:]

counts = Counter(w for r in train for w in r["note"].split())
stoi = {w: k for k, (w, _) in enumerate(counts.most_common(), start=2)}
# fault:
TARGET = "arm"
# mended:
# TARGET = "outcome"
# end


def batchify(rows):
    seqs = [torch.tensor([stoi.get(w, 1) for w in r["note"].split()]) for r in rows]
    return {"ids": pad_sequence(seqs, batch_first=True), "gold": torch.tensor([float(r[TARGET]) for r in rows])}


class NoteModel(nn.Module):
    def __init__(self, n_words, dim=16, filters=24):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, filters, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(filters, 1)

    def forward(self, ids):
        keep = (ids != 0).unsqueeze(1)
        h = torch.relu(self.conv(self.words(ids).transpose(1, 2))) * keep
        h = h.sum(-1) / keep.sum(-1)
        return self.out(self.drop(h)).squeeze(-1)


model = NoteModel(len(stoi) + 2)
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
loss_fn = nn.BCEWithLogitsLoss()


@torch.no_grad()
def evaluate(rows):
    model.eval()
    b = batchify(rows)
    return ((model(b["ids"]) > 0).float() == b["gold"]).float().mean().item()


for epoch in range(5):
    model.train()
    random.shuffle(train)
    total = 0
    for k in range(0, len(train), 40):
        b = batchify(train[k:k + 40])
        optimizer.zero_grad()
        loss = loss_fn(model(b["ids"]), b["gold"])
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch + 1} loss {total / (len(train) / 40):.4f} train acc {evaluate(train):.3f} valid acc {evaluate(valid):.3f}")
