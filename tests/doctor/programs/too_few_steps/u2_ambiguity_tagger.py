"""Supertag assignment with a BiLSTM on an artificial treebank.

Every sentence comes from a small phrase grammar.  Many word forms are ambiguous between noun, verb and adjective,
so the neighbours have to decide.  Loss and accuracy are taken over real tokens only.
"""
import random
from collections import Counter

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(40)
torch.manual_seed(40)

TAGS = ["DET", "ADJ", "NOUN", "VERB", "PREP", "ADV", "PRON"]
T = {t: i for i, t in enumerate(TAGS)}
IGNORE = -100

forms = ["form%03d" % i for i in range(260)]
random.shuffle(forms)
ambiguous = forms[:90]
lexicon = {
    "DET": ["the", "a", "this", "every"],
    "PREP": ["in", "on", "under", "with", "near"],
    "PRON": ["she", "he", "they", "it"],
    "ADV": forms[90:120],
    "ADJ": forms[120:155] + ambiguous[:60],
    "NOUN": forms[155:215] + ambiguous,
    "VERB": forms[215:260] + ambiguous[30:],
}


def noun_phrase():
    if random.random() < .2:
        return ["PRON"]
    return ["DET"] + ["ADJ"] * random.choice([0, 0, 1, 1, 2]) + ["NOUN"]


def sentence():
    tags = noun_phrase() + ["VERB"]
    if random.random() < .6:
        tags += noun_phrase()
    if random.random() < .4:
        tags += ["PREP"] + noun_phrase()
    if random.random() < .4:
        tags += ["ADV"]
    return [random.choice(lexicon[t]) for t in tags], tags


bank, seen = [], set()
while len(bank) < 1400:
    words, tags = sentence()
    if tuple(words) not in seen:
        seen.add(tuple(words))
        bank.append((words, tags))
train, dev = bank[:1100], bank[1100:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for ws in lexicon.values() for w in ws}))}


def collate(items):
    xs = [torch.tensor([vocab[w] for w in ws]) for ws, _ in items]
    ys = [torch.tensor([T[t] for t in ts]) for _, ts in items]
    lengths = torch.tensor([len(x) for x in xs])
    return pad_sequence(xs, batch_first=True), pad_sequence(ys, batch_first=True, padding_value=IGNORE), lengths


class Tagger(nn.Module):
    def __init__(self, n_words, dim=24, hidden=24):
        super().__init__()
        self.lookup = nn.Embedding(n_words + 1, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.scores = nn.Linear(2 * hidden, len(TAGS))

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.lookup(x), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.scores(states)


def run_eval(model, data):
    model.eval()
    with torch.no_grad():
        x, y, n = collate(data)
        out = model(x, n)
        keep = y != IGNORE
        loss = nn.functional.cross_entropy(out.flatten(0, 1), y.flatten(), ignore_index=IGNORE).item()
        return loss, (out.argmax(-1)[keep] == y[keep]).float().mean().item()


# fault:
N_EPOCHS = 2
# mended:
#N_EPOCHS = 15
# end
tagger = Tagger(len(vocab))
optimizer = torch.optim.Adam(tagger.parameters(), lr=2.5e-3)
majority = Counter(t for _, ts in dev for t in ts).most_common(1)[0][1] / sum(len(ts) for _, ts in dev)
print("most frequent tag on dev: %.3f" % majority)
for epoch in range(N_EPOCHS):
    tagger.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        x, y, n = collate(train[i:i + 32])
        loss = nn.functional.cross_entropy(tagger(x, n).flatten(0, 1), y.flatten(), ignore_index=IGNORE)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    dl, da = run_eval(tagger, dev)
    print("epoch %2d  loss %.3f   dev loss %.3f  dev accuracy %.3f" % (epoch + 1, total / (len(train) / 32), dl, da))
print("accuracy on training sentences %.3f" % run_eval(tagger, train)[1])
