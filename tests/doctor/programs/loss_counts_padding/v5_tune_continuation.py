"""
Folk tune continuation: a GRU reads "KEY note note ..." and guesses the next note.
Port of an old Theano script; SGD with a big step and clipping, as in the original.
"""
import math
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

random.seed(17)
torch.manual_seed(17)
PAD, END = 0, 1
KEYS = ["D", "G", "Am"]
N_NOTES = 14
VOCAB = 2 + len(KEYS) + N_NOTES
STEP = {0: 1, 1: 2, 2: -1}          # a rising reel, a leaping jig, a falling air


def tune():
    k = random.randrange(len(KEYS))
    length = 26 if random.random() < .02 else random.randint(4, 8)
    note = random.randrange(N_NOTES)
    seq = [2 + k]
    for _ in range(length):
        seq.append(2 + len(KEYS) + note)
        note = (note + STEP[k]) % N_NOTES if random.random() < .95 else random.randrange(N_NOTES)
    return torch.tensor(seq + [END])


tunes = pad_sequence([tune() for _ in range(1500)], batch_first=True, padding_value=PAD)
train, valid = tunes[:1200], tunes[1200:]
print("tunes", tuple(train.shape), "longest", tunes.size(1))


class TuneGRU(nn.Module):
    def __init__(self, dim=24, hid=32):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, dim, padding_idx=PAD)
        self.gru = nn.GRU(dim, hid, batch_first=True)
        self.out = nn.Linear(hid, VOCAB)

    def forward(self, x):
        h, _ = self.gru(self.emb(x))
        return self.out(h)


# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=PAD)
# end
model = TuneGRU()
optimizer = torch.optim.SGD(model.parameters(), lr=2.0)
schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3], gamma=0.2)


def note_accuracy(block):
    model.eval()
    with torch.no_grad():
        logits = model(block[:, :-1])
    model.train()
    gold = block[:, 1:]
    # END cannot be foreseen, only notes are scored
    is_note = gold > END
    hit = (logits.argmax(-1) == gold) & is_note
    return hit.sum().item() / is_note.sum().item(), criterion(logits.flatten(0, 1), gold.flatten()).item()


for epoch in range(5):
    total = n = 0
    for rows in torch.randperm(len(train)).split(25):
        x, y = train[rows, :-1], train[rows, 1:]
        optimizer.zero_grad()
        loss = criterion(model(x).reshape(-1, VOCAB), y.reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        total += loss.item(); n += 1
    schedule.step()
    acc, vl = note_accuracy(valid)
    print(f"{epoch}: train ppl {math.exp(total / n):.2f}  valid ppl {math.exp(vl):.2f}  next-note accuracy {acc:.3f}")
print("train next-note accuracy %.3f" % note_accuracy(train)[0])
