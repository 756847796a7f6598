"""A part-of-speech tagger whose vocabulary grows with the corpus.

Tutorial, chapter 4: sequence labelling with an LSTM and packed sequences. The sentences come from a toy
grammar with an open lexicon; some words can be noun or verb and need their neighbours.
"""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

random.seed(29)
torch.manual_seed(29)

TAGS = ["DET", "ADJ", "NOUN", "VERB", "ADV", "PREP", "NUM", "PRON"]
IGNORE = -100


def stems(prefix, n):
    return [prefix + "".join(random.choices("aeioudlmnrst", k=5)) for _ in range(n)]


NOUNS, VERBS, ADJS = stems("n", 90), stems("v", 70), stems("j", 60)
BOTH = stems("x", 30)
LEXICON = {
    "DET": ["the", "a", "this", "every"], "PREP": ["in", "on", "under", "with", "from"],
    "ADJ": ADJS, "NOUN": NOUNS + BOTH, "VERB": VERBS + BOTH, "ADV": stems("r", 40),
    "NUM": ["two", "three", "four", "nine"], "PRON": ["we", "they", "you"],
}
PHRASES = ["DET NOUN", "DET ADJ NOUN", "NUM NOUN", "NUM ADJ NOUN", "PRON"]


def sentence():
    tags = random.choice(PHRASES).split() + ["VERB"]
    if random.random() < 0.7:
        tags += random.choice(PHRASES[:4]).split()
    if random.random() < 0.5:
        tags.append("ADV")
    if random.random() < 0.5:
        tags += ["PREP"] + random.choice(PHRASES[:4]).split()
    return [(random.choice(LEXICON[tag]), tag) for tag in tags]


class Tagger(nn.Module):
    def __init__(self, dim=6, hidden=16):
        super().__init__()
        self.embedding = nn.Embedding(2, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, bidirectional=True)
        self.output = nn.Linear(2 * hidden, len(TAGS))

    def resize_vocabulary(self, size):
        """Makes room for new words; rows that exist already are kept."""
        old = self.embedding.weight.data
        self.embedding = nn.Embedding(size, old.size(1), padding_idx=0)
        self.embedding.weight.data[:len(old)] = old

    def forward(self, sentences):
        packed = pack_sequence(sentences, enforce_sorted=False)
        embedded = packed._replace(data=self.embedding(packed.data))
        states, _ = pad_packed_sequence(self.lstm(embedded)[0], batch_first=True)
        return self.output(states)


def collate(batch):
    ids, tags = zip(*batch)
    return list(ids), pad_sequence(tags, batch_first=True, padding_value=IGNORE)


def accuracy(model, loader):
    model.eval()
    right = total = 0
    with torch.no_grad():
        for ids, tags in loader:
            guess = model(ids).argmax(dim=-1)
            counted = tags != IGNORE
            right += (guess[counted] == tags[counted]).sum().item()
            total += counted.sum().item()
    return right / total


corpus = list(dict.fromkeys(tuple(sentence()) for _ in range(1500)))
train_part, test_part = corpus[:1100], corpus[1100:]

vocab = {"<pad>": 0, "<unk>": 1}
for tagged in train_part:
    for word, _ in tagged:
        vocab.setdefault(word, len(vocab))


def encode(tagged):
    ids = torch.tensor([vocab.get(word, 1) for word, _ in tagged])
    return ids, torch.tensor([TAGS.index(tag) for _, tag in tagged])


train_loader = DataLoader([encode(s) for s in train_part], batch_size=25, shuffle=True, collate_fn=collate)
test_loader = DataLoader([encode(s) for s in test_part], batch_size=100, collate_fn=collate)

tagger = Tagger()
# fault:
optimizer = torch.optim.Adam(tagger.parameters(), lr=1e-2)
tagger.resize_vocabulary(len(vocab))
# mended:
#tagger.resize_vocabulary(len(vocab))
#optimizer = torch.optim.Adam(tagger.parameters(), lr=1e-2)
# end
criterion = nn.CrossEntropyLoss(ignore_index=IGNORE)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)

print(len(vocab), "words,", len(train_part), "training sentences")
for epoch in range(1, 7):
    tagger.train()
    running = 0.0
    for ids, tags in train_loader:
        loss = criterion(tagger(ids).flatten(0, 1), tags.flatten())
        tagger.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    scheduler.step()
    print(f"epoch {epoch}  loss {running / len(train_loader):.3f}  test accuracy {accuracy(tagger, test_loader):.3f}")
print(f"train accuracy {accuracy(tagger, train_loader):.3f}")
