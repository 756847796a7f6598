"""Routing nurse notes to a ward with a bidirectional GRU and max-pooling.

We keep the time axis first, as nn.GRU does by default. Notes are cut or filled to 24 words.
"""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(21)
torch.manual_seed(21)

MAX_LEN = 24
BATCH_SIZE = 24
WARDS = {
    "cardiology": "chest palpitations pressure pulse arrhythmia ecg angina statin murmur",
    "neurology": "headache seizure numbness tremor dizzy aphasia migraine reflex gait",
    "orthopaedics": "fracture cast knee sprain hip crutches shoulder tendon swelling",
    "paediatrics": "toddler vaccination rash croup teething nappy feeding mother earache",
}
FILLER = ("patient reports since yesterday the a mild moderate severe and with no after before night morning "
          "history of seen by doctor given stable today again left right some was is on in at days weeks").split()


def compose(ward):
    length = random.randint(7, MAX_LEN)
    clues = random.choices(WARDS[ward].split(), k=random.randint(2, 3))
    if random.random() < 0.35:
        other = random.choice([w for w in WARDS if w != ward])
        clues.append(random.choice(WARDS[other].split()))
    words = clues + random.choices(FILLER, k=length - len(clues))
    random.shuffle(words)
    return words


class NotesDataset(Dataset):
    def __init__(self, notes, vocab):
        self.notes = notes
        self.vocab = vocab

    def __len__(self):
        return len(self.notes)

    def __getitem__(self, i):
        words, ward = self.notes[i]
        ids = [self.vocab[w] for w in words]
        ids = ids + [0] * (MAX_LEN - len(ids))
        return torch.tensor(ids), ward


class WardRouter(nn.Module):
    def __init__(self, vocab_size, n_wards, dim=24, hidden=24):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, bidirectional=True)
        self.dropout = nn.Dropout(0.2)
        self.classifier = nn.Linear(2 * hidden, n_wards)

    def forward(self, ids):
        ids = ids.t()
        lengths = (ids != 0).sum(dim=0).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(ids), lengths, enforce_sorted=False)
        packed_states, _ = self.gru(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(
            packed_states, padding_value=-1.0, total_length=MAX_LEN)
        # fault:
        note, _ = states.max(dim=1)
        # mended:
        #note, _ = states.max(dim=0)
        # end
        return self.classifier(self.dropout(note))


def accuracy(model, loader):
    model.eval()
    hits, total = 0, 0
    with torch.no_grad():
        for ids, wards in loader:
            hits += (model(ids).argmax(dim=1) == wards).sum().item()
            total += len(wards)
    return hits / total


ward_names = list(WARDS)
notes, seen = [], set()
while len(notes) < 1440:
    label = random.randrange(len(ward_names))
    words = compose(ward_names[label])
    if tuple(words) not in seen:
        seen.add(tuple(words))
        notes.append((words, label))

vocab = {"<pad>": 0}
for words, _ in notes:
    for w in words:
        vocab.setdefault(w, len(vocab))

train_data = NotesDataset(notes[:1200], vocab)
dev_data = NotesDataset(notes[1200:], vocab)
train_loader = DataLoader(train_data, batch_size=BATCH_SIZE, shuffle=True, drop_last=True)
dev_loader = DataLoader(dev_data, batch_size=BATCH_SIZE)

model = WardRouter(len(vocab), len(ward_names))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.3)

for epoch in range(1, 7):
    model.train()
    losses = []
    for ids, wards in train_loader:
        loss = loss_fn(model(ids), wards)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, dev acc {accuracy(model, dev_loader):.3f}")

print(f"train acc {accuracy(model, train_loader):.3f}, chance would be {1 / len(ward_names):.2f}")
