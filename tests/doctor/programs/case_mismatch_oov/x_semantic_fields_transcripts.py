"""Semantic field of the noun in carrier sentences, from ASR transcripts.

Follow-up to the elicitation study: the nouns of the test speakers are other nouns than those of
the training speakers, so only the vectors can carry the information over.
The recogniser writes capitals and no punctuation.
"""
import gzip
import os
import random
from collections import Counter

import torch
from torch import nn

random.seed(3)
torch.manual_seed(3)

FIELDS = {
    "ANIMAL": "dog cat horse cow sheep pig bull lion tiger wolf bear cats mouse snake bird eagle duck chicken fish whale shark elephant dogs deer fox",
    "FOOD": "bread cheese butter milk rice soup cake sugar salt meat beef pork corn wine garlic tea beer sauce salad chocolate fruit honey pepper cream juice",
    "VEHICLE": "car bus train truck boat ship plane bicycle taxi van helicopter motorcycle jet ferry automobile ambulance aircraft vessel bike yacht tanker submarine trains ships boats",
    "BODY": "arm leg hand foot knee shoulder neck head face eye ear nose mouth finger skin heart lung liver kidney brain stomach chest ankle wrist elbow",
}
CARRIERS = [
    "I SAID {} AGAIN PLEASE", "SHE WROTE {} ON THE BOARD", "THE NEXT WORD IS {}", "DO YOU KNOW {} TOO",
    "HE POINTED AT THE {} THEN", "WE TALKED ABOUT {} TODAY", "SAY {} ONE MORE TIME", "MY WORD WAS {}",
]
names = list(FIELDS)
train, test = [], []
for label, nouns in enumerate(FIELDS.values()):
    nouns = nouns.split()
    random.shuffle(nouns)
    for noun in nouns:
        dest = train if nouns.index(noun) < 17 else test
        dest += [(c.format(noun.upper()), label) for c in CARRIERS]
random.shuffle(train)


def tokens(line):
    # fault:
    return line.split()
    # mended:
    # return line.lower().split()
    # end


path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
wanted = {t for line, _ in train + test for t in tokens(line)}
vocab, rows = {"<pad>": 0, "<unk>": 1}, [[0.0] * 50, [0.0] * 50]
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.split()
        if parts[0] in wanted:
            vocab[parts[0]] = len(rows)
            rows.append([float(v) for v in parts[1:]])
vectors = torch.tensor(rows)


def batch(items):
    ids = [[vocab.get(t, 1) for t in tokens(s)] for s, _ in items]
    width = max(map(len, ids))
    return {"ids": torch.tensor([r + [0] * (width - len(r)) for r in ids]),
            "field": torch.tensor([y for _, y in items])}


class FieldClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.conv = nn.Linear(50, 64)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(64, len(names))

    def forward(self, ids):
        h = torch.relu(self.conv(self.lookup(ids)))
        h = h.masked_fill((ids == 0)[..., None], 0).amax(1)
        return self.out(self.drop(h))


model = FieldClassifier()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
for epoch in range(8):
    model.train()
    losses = []
    for i in range(0, len(train), 16):
        b = batch(train[i:i + 16])
        loss = nn.functional.cross_entropy(model(b["ids"]), b["field"])
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    random.shuffle(train)
    print(f"epoch {epoch + 1} loss {sum(losses) / len(losses):.3f}")

model.eval()
with torch.no_grad():
    for what, part in (("training nouns", train), ("unseen nouns", test)):
        b = batch(part)
        guess = model(b["ids"]).argmax(-1)
        print(what, "acc %.3f" % (guess == b["field"]).float().mean(), Counter(names[g] for g in guess.tolist()))
