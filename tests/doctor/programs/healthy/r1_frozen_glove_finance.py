# Movie talk or money talk? Sentence domains with GloVe kept as it is on purpose: the app has to cope with words that
# nobody labelled, so the vectors must stay in their common space. Only attention and a small head learn.
import gzip
import os
import random
import re

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

SEED = 6
random.seed(SEED)
torch.manual_seed(SEED)
ROOT = os.environ["WORDFIT_DATA"]
SOURCES = {
    "film": ("sentiment/SST-2-sentences/stsa.binary.train", lambda s: s[2:]),
    "finance": ("sentiment/financial-phrasebank/Sentences_50Agree.txt", lambda s: s.rpartition("@")[0]),
    "gadgets": ("sentiment/CR/custrev.pos", lambda s: s),
    "grammar": ("glue/CoLA/train.tsv", lambda s: s.split("\t")[-1]),
}
NAMES = list(SOURCES)


def tokens(s):
    return re.findall(r"[a-z]+|'[a-z]+|[.,;:!?$%]", s.lower())


examples = []
for label, (path, pick) in enumerate(SOURCES.values()):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as f:
        texts = {" ".join(tokens(pick(line.rstrip("\n")))) for line in f}
    texts = sorted(t for t in texts if len(t.split()) > 3)
    random.shuffle(texts)
    examples += [(t.split()[:20], label) for t in texts[:700]]
examples = list({" ".join(t): (t, y) for t, y in examples}.values())
random.shuffle(examples)

need = {w for t, _ in examples for w in t}
stoi, rows = {"<pad>": 0, "<unk>": 1}, []
with gzip.open(os.path.join(ROOT, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, _, rest = line.rstrip("\n").partition(" ")
        if w in need:
            stoi[w] = len(stoi)
            rows.append([float(v) for v in rest.split(" ")])
table = torch.cat([torch.zeros(2, 50), torch.tensor(rows)])


class Sentences(Dataset):
    def __init__(self, part):
        self.part = [(torch.tensor([stoi.get(w, 1) for w in t]), y) for t, y in part]

    def __len__(self):
        return len(self.part)

    def __getitem__(self, i):
        return self.part[i]


def collate(batch):
    return {"ids": pad_sequence([a for a, _ in batch], batch_first=True), "labels": torch.tensor([b for _, b in batch])}


class DomainNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.glove = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.key = nn.Linear(50, 16)
        self.query = nn.Parameter(torch.randn(16) * 0.1)
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(50, 32), nn.Tanh(), nn.Dropout(0.5), nn.Linear(32, len(NAMES)))

    def forward(self, ids):
        e = self.glove(ids)
        s = torch.tanh(self.key(e)) @ self.query
        a = s.masked_fill(ids == 0, float("-inf")).softmax(-1)
        return self.head(torch.einsum("bt,btd->bd", a, e))


cut = int(0.8 * len(examples))
loaders = {"train": DataLoader(Sentences(examples[:cut]), batch_size=32, shuffle=True, collate_fn=collate),
           "valid": DataLoader(Sentences(examples[cut:]), batch_size=256, collate_fn=collate)}
net = DomainNet()
optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=3e-3)
criterion = nn.CrossEntropyLoss()


@torch.no_grad()
def check(loader):
    net.eval()
    hits = sum((net(b["ids"]).argmax(-1) == b["labels"]).sum().item() for b in loader)
    return hits / len(loader.dataset)


for epoch in range(1, 9):
    net.train()
    for b in loaders["train"]:
        loss = criterion(net(b["ids"]), b["labels"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, {k: round(check(v), 3) for k, v in loaders.items()})
