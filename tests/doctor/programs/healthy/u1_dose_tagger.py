"""Medication notes: tag drug, dose and frequency in free text (BIO). BiLSTM on packed sequences."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

TAGS = ["O", "B-DRUG", "B-DOSE", "I-DOSE", "B-FREQ", "I-FREQ"]
DRUGS = "metformin ramipril aspirin simvastatin bisoprolol ibuprofen pantoprazole amlodipine furosemide warfarin".split()
UNITS = ["mg", "ml", "mcg", "tablets"]
FREQ = [["twice", "daily"], ["once", "daily"], ["every", "8", "hours"], ["every", "6", "hours"], ["at", "night"], ["in", "the", "morning"]]
LEAD = ["patient continues on", "started", "pt takes", "please give", "changed to", "increase", "was prescribed", "home meds include"]
ASIDE = ["seen in clinic on day 5", "weight 80 kg", "no chest pain at rest", "sleeps well at home", "reports pain daily",
         "bp 140 over 90", "lives in the city", "review in 6 weeks", "fell twice last month"]
IGNORE = -100


def note(rng):
    words, tags = [], []

    def add(ws, ts=None):
        words.extend(ws)
        tags.extend(ts or ["O"] * len(ws))

    if rng.random() < 0.6:
        add(rng.choice(ASIDE).split())
    for _ in range(rng.choice([1, 1, 2])):
        add(rng.choice(LEAD).split())
        add([rng.choice(DRUGS)], ["B-DRUG"])
        if rng.random() < 0.85:
            add([str(rng.choice([5, 6, 8, 10, 20, 40, 80, 100, 250, 500])), rng.choice(UNITS)], ["B-DOSE", "I-DOSE"])
        if rng.random() < 0.8:
            f = rng.choice(FREQ)
            add(f, ["B-FREQ"] + ["I-FREQ"] * (len(f) - 1))
    if rng.random() < 0.6:
        add(rng.choice(ASIDE).split())
    return words, tags


class Tagger(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.emb = nn.Embedding(n_words, 20, padding_idx=0)
        self.lstm = nn.LSTM(20, 20, bidirectional=True, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(40, len(TAGS))

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(self.drop(h))


def main():
    torch.manual_seed(8)
    rng = random.Random(8)
    notes = {}
    while len(notes) < 900:
        w, t = note(rng)
        notes[" ".join(w)] = (w, t)
    notes = list(notes.values())
    train, dev = notes[:700], notes[700:]
    vocab = {"<pad>": 0, "<unk>": 1}
    for w, _ in train:
        for x in w:
            vocab.setdefault(x, len(vocab))

    def collate(rows):
        ids = [torch.tensor([vocab.get(x, 1) for x in w]) for w, _ in rows]
        tags = [torch.tensor([TAGS.index(x) for x in t]) for _, t in rows]
        return (pad_sequence(ids, batch_first=True), torch.tensor([len(i) for i in ids]),
                pad_sequence(tags, batch_first=True, padding_value=IGNORE))

    model = Tagger(len(vocab))
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    ce = nn.CrossEntropyLoss(ignore_index=IGNORE)
    loader = DataLoader(train, batch_size=28, shuffle=True, collate_fn=collate)
    for epoch in range(1, 5):
        model.train()
        total = 0.0
        for ids, lengths, tags in loader:
            loss = ce(model(ids, lengths).flatten(0, 1), tags.flatten())
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        model.eval()
        with torch.no_grad():
            ids, lengths, tags = collate(dev)
            out = model(ids, lengths)
            entity = (tags > 0)
            right = (out.argmax(-1) == tags) & (tags != IGNORE)
        print(f"epoch {epoch} train {total / len(loader):.4f} dev {ce(out.flatten(0, 1), tags.flatten()).item():.4f} "
              f"all tokens {right.sum().item() / (tags != IGNORE).sum().item():.3f} entity tokens {right[entity].float().mean().item():.3f}")


main()
