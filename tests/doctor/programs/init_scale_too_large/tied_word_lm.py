"""Word-level LSTM language model with tied weights on wikitext-2 (a small slice), perplexity on held-out lines."""
import gzip
import math
import os
from collections import Counter

import torch
import torch.nn as nn

torch.manual_seed(1111)
PATH = os.path.join(os.environ["WORDFIT_DATA"], "corpora")
BPTT, BATCH, NHID, VOCAB = 25, 20, 112, 1200


def tokens(name, limit):
    out = []
    with gzip.open(os.path.join(PATH, name), "rt", encoding="utf8") as f:
        for line in f:
            out += line.split() + ["<eos>"]
            if len(out) >= limit:
                break
    return out[:limit]


train_words, valid_words = tokens("wikitext-2.valid.txt.gz", 45_000), tokens("wikitext-2.test.txt.gz", 6_000)
keep = [w for w, _ in Counter(train_words).most_common(VOCAB - 1) if w != "<unk>"]
stoi = {w: i for i, w in enumerate(["<unk>"] + keep)}


def batchify(words, bsz):
    ids = torch.tensor([stoi.get(w, 0) for w in words])
    n = len(ids) // bsz
    return ids[:n * bsz].view(bsz, n).t().contiguous()


train_data, val_data = batchify(train_words, BATCH), batchify(valid_words, 10)


class RNNModel(nn.Module):
    def __init__(self, ntoken, nhid, dropout=0.25):
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, nhid)
        self.rnn = nn.LSTM(nhid, nhid)
        self.decoder = nn.Linear(nhid, ntoken)
        self.decoder.weight = self.encoder.weight
        self.init_weights()

    def init_weights(self):
        # fault:
        nn.init.normal_(self.encoder.weight, std=2.5)
        # mended:
        # nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        # end
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, hidden=None):
        out, hidden = self.rnn(self.drop(self.encoder(x)), hidden)
        return self.decoder(self.drop(out)), hidden


model = RNNModel(len(stoi), NHID)
criterion = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(opt, 0.5)


def chunks(source):
    for i in range(0, source.size(0) - 1, BPTT):
        n = min(BPTT, source.size(0) - 1 - i)
        yield source[i:i + n], source[i + 1:i + 1 + n]


def evaluate(source):
    model.eval()
    total, hidden = 0.0, None
    with torch.no_grad():
        for x, y in chunks(source):
            out, hidden = model(x, hidden)
            total += len(x) * criterion(out.flatten(0, 1), y.flatten()).item()
    return total / (len(source) - 1)


for epoch in range(1, 6):
    model.train()
    hidden, total, n = None, 0.0, 0
    for x, y in chunks(train_data):
        if hidden is not None:
            hidden = tuple(h.detach() for h in hidden)
        out, hidden = model(x, hidden)
        loss = criterion(out.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step()
        total += loss.item()
        n += 1
        if n == 1:
            print("first loss %.2f" % loss.item())
    scheduler.step()
    val = evaluate(val_data)
    print(f"epoch {epoch} train loss {total / n:.3f} valid loss {val:.3f} ppl {math.exp(min(val, 20)):.1f}")
counts = torch.bincount(train_data.flatten(), minlength=len(stoi)).float() + 1
uni = -(counts / counts.sum()).log()[val_data.flatten()].mean().item()
print("unigram baseline ppl %.1f" % math.exp(uni))
