"""Language model of German image captions (Multi30k)."""
import gzip
import math
import os
import re

import torch
import torch.nn as nn

torch.manual_seed(61)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
MAXLEN, PAD, BOS, EOS, UNK = 40, 0, 1, 2, 3


def read(name, n):
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf8") as f:
        rows = [re.findall(r"\w+|[.,]", line.lower()) for line in f]
    return [r for r in rows if len(r) < MAXLEN][:n]


train_text, dev_text = read("train.de.gz", 3000), read("val.de.gz", 400)
seen = {tuple(r) for r in train_text}
dev_text = [r for r in dev_text if tuple(r) not in seen]
freq = {}
for r in train_text:
    for w in r:
        freq[w] = freq.get(w, 0) + 1
itos = ["<pad>", "<s>", "</s>", "<unk>"] + sorted(freq, key=freq.get, reverse=True)[:500]
stoi = {w: i for i, w in enumerate(itos)}


def encode(rows):
    out = torch.full((len(rows), MAXLEN + 1), PAD)
    for i, r in enumerate(rows):
        ids = [BOS] + [stoi.get(w, UNK) for w in r] + [EOS]
        out[i, :len(ids)] = torch.tensor(ids[:MAXLEN + 1])
    return out


class CaptionLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(itos), 48, padding_idx=PAD)
        self.gru = nn.GRU(48, 64, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(64, len(itos))

    def forward(self, x):
        return self.out(self.drop(self.gru(self.emb(x))[0]))


train, dev = encode(train_text), encode(dev_text)
model = CaptionLM()
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=PAD)
# end
EPOCHS, BS = 4, 25
optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.8)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.5, total_steps=EPOCHS * math.ceil(len(train) / BS))
for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(train)).split(BS):
        x, y = train[idx, :-1], train[idx, 1:]
        optimizer.zero_grad()
        loss = criterion(model(x).flatten(0, 1), y.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        x, y = dev[:, :-1], dev[:, 1:]
        logits = model(x)
        dl = criterion(logits.flatten(0, 1), y.flatten()).item()
        words = (y != PAD)
        hit = (logits.argmax(-1) == y)[words].float().mean().item()
    print(f"epoch {epoch + 1} train loss {total / len(train):.3f} dev perplexity {math.exp(dl):.2f} next word right {hit:.3f}")


@torch.no_grad()
def continue_caption(words, n=12):
    ids = [BOS] + [stoi.get(w, UNK) for w in words]
    for _ in range(n):
        nxt = model(torch.tensor([ids]))[0, -1]
        nxt[UNK] = -1e9
        ids.append(int(nxt.argmax()))
        if ids[-1] == EOS:
            break
    return " ".join(itos[i] for i in ids[1:])


for start in ("ein mann", "eine frau", "zwei hunde"):
    print("  ", continue_caption(start.split()))
