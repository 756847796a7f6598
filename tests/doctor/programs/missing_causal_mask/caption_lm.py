"""Word-level Transformer language model on image captions (Multi30k)."""
import gzip
import math
import os
import random
from collections import Counter

import torch
from torch import nn

random.seed(3)
torch.manual_seed(3)
FOLDER = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "seq2seq", "multi30k")


def captions(name, n):
    with gzip.open(os.path.join(FOLDER, name), "rt", encoding="utf-8") as f:
        rows = [line.lower().strip().rstrip(".").replace(",", " ,").split() for line in f]
    return [r for r in rows if 4 <= len(r) <= 14][:n]


valid = captions("val.en.gz", 400)
known = {" ".join(r) for r in valid}
train = [r for r in captions("train.en.gz", 5200) if " ".join(r) not in known][:3600]
vocab = {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3}
for w, _ in Counter(w for r in train for w in r).most_common(600):
    vocab[w] = len(vocab)


def get_batch(rows):
    ids = [[1] + [vocab.get(w, 3) for w in r] + [2] for r in rows]
    n = max(map(len, ids))
    x = torch.tensor([i + [0] * (n - len(i)) for i in ids])
    return x[:, :-1], x[:, 1:]


class PositionalEncoding(nn.Module):
    def __init__(self, d, max_len=40):
        super().__init__()
        pos = torch.arange(max_len).unsqueeze(1)
        div = torch.exp(torch.arange(0, d, 2) * (-math.log(10000.0) / d))
        pe = torch.zeros(max_len, d)
        pe[:, 0::2], pe[:, 1::2] = torch.sin(pos * div), torch.cos(pos * div)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return x + self.pe[: x.size(1)]


class TransformerModel(nn.Module):
    def __init__(self, ntoken, d=48, nhead=4, nhid=96, nlayers=1):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, d, padding_idx=0)
        self.pos = PositionalEncoding(d)
        self.layers = nn.TransformerEncoder(nn.TransformerEncoderLayer(d, nhead, nhid, 0.1, batch_first=True), nlayers, enable_nested_tensor=False)
        self.decoder = nn.Linear(d, ntoken)

    def forward(self, src):
        x = self.pos(self.encoder(src))
        # fault:
        x = self.layers(x, src_key_padding_mask=src == 0)
        # mended:
        # mask = torch.triu(torch.ones(src.size(1), src.size(1), dtype=torch.bool), diagonal=1)
        # x = self.layers(x, mask=mask, src_key_padding_mask=src == 0)
        # end
        return self.decoder(x)


model = TransformerModel(len(vocab))
criterion = nn.CrossEntropyLoss(ignore_index=0)
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
for epoch in range(7):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), 40):
        x, y = get_batch(train[i : i + 40])
        loss = criterion(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        x, y = get_batch(valid)
        ppl = math.exp(criterion(model(x).flatten(0, 1), y.flatten()))
    print(f"| epoch {epoch + 1} | loss {loss.item():5.2f} | valid ppl {ppl:8.2f}")

itos = list(vocab)
ids = [1]
with torch.no_grad():
    while ids[-1] != 2 and len(ids) < 15:
        ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
print("sample:", " ".join(itos[i] for i in ids[1:]))
