"""Named-entity-like tagger; ids are handed out while a file is read."""
import random

import torch
import torch.nn as nn

random.seed(35)
torch.manual_seed(35)
PER = "anna boris clara david elena frank greta hugo irene jonas karin louis".split()
LOC = "paris oslo lima cairo delhi quito tunis sofia minsk dakar turin leeds".split()
OUT = "went to met with in near and then from visited called the by train on monday again friend lives works old".split()
TAG = {"O": 0, "PER": 1, "LOC": 2}


def sentence():
    out = []
    for _ in range(random.randint(5, 14)):
        r = random.random()
        out.append((random.choice(PER), "PER") if r < 0.18 else (random.choice(LOC), "LOC") if r < 0.36 else (random.choice(OUT), "O"))
    return out


class Corpus:
    def __init__(self, n, word_ids=None):
        self.word_ids = word_ids if word_ids is not None else {}
        self.sentences = []
        for _ in range(n):
            s = sentence()
            self.sentences.append((torch.tensor([self.word_ids.setdefault(w, len(self.word_ids) + 1) for w, _ in s]),
                                   torch.tensor([TAG[t] for _, t in s])))


train = Corpus(280)
# fault:
dev = Corpus(150)
# mended:
# dev = Corpus(150, train.word_ids)
# end

model = nn.ModuleDict({
    "emb": nn.Embedding(len(train.word_ids) + 1, 20, padding_idx=0),
    "rnn": nn.LSTM(20, 16, bidirectional=True),
    "out": nn.Linear(32, 3),
})


def tag_scores(ids):  # one sentence, T
    h, _ = model["rnn"](model["emb"](ids).unsqueeze(1))
    return model["out"](h.squeeze(1))


opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(3):
    random.shuffle(train.sentences)
    total = 0.0
    for k, (ids, tags) in enumerate(train.sentences):
        loss = nn.functional.cross_entropy(tag_scores(ids), tags)
        (loss / 4).backward()
        if k % 4 == 3:
            opt.step()
            opt.zero_grad()
        total += loss.item()
    with torch.no_grad():
        hits = [(tag_scores(ids).argmax(-1) == tags).float() for ids, tags in dev.sentences]
    print(f"epoch {epoch}: train loss {total / 280:.4f}, dev token accuracy {torch.cat(hits).mean().item():.4f}")
