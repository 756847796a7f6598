"""Character language model on Wikipedia text (wikitext-2, validation part), ReLU recurrence started at the identity (Le, Jaitly, Hinton 2015)."""
import gzip
import math
import os
import time

import torch
from torch import nn

torch.manual_seed(1)
path = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "wikitext-2.valid.txt.gz")
text = gzip.open(path, "rt", encoding="utf-8").read()[:220_000].lower()
chars = sorted(set(text))
keep = {c: i for i, c in enumerate(sorted(chars, key=text.count, reverse=True)[:50])}
data = torch.tensor([keep.get(c, len(keep)) for c in text])
V = len(keep) + 1


def batchify(d, bsz):
    n = d.numel() // bsz
    return d[:n * bsz].view(bsz, n).t().contiguous()  # (T, B)


cut = int(0.9 * len(data))
train_data, val_data = batchify(data[:cut], 32), batchify(data[cut:], 32)
BPTT = 60


class IRNN(nn.Module):
    def __init__(self, n_tok, n_emb, n_hid):
        super().__init__()
        self.encoder = nn.Embedding(n_tok, n_emb)
        self.rnn = nn.RNN(n_emb, n_hid, nonlinearity="relu")
        with torch.no_grad():
            self.rnn.weight_hh_l0.copy_(torch.eye(n_hid))
            self.rnn.weight_ih_l0.normal_(0, 0.01)
            self.rnn.bias_ih_l0.zero_()
            self.rnn.bias_hh_l0.zero_()
        self.decoder = nn.Linear(n_hid, n_tok)

    def forward(self, x, h):
        out, h = self.rnn(self.encoder(x), h)
        return self.decoder(out), h


model = IRNN(V, 32, 100)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)


def repackage(h):
    return h.detach()


def get_batch(source, i):
    n = min(BPTT, len(source) - 1 - i)
    return source[i:i + n], source[i + 1:i + 1 + n]


def evaluate():
    model.eval()
    total, h = 0.0, None
    with torch.no_grad():
        for i in range(0, val_data.size(0) - 1, BPTT):
            x, y = get_batch(val_data, i)
            out, h = model(x, h)
            total += len(x) * criterion(out.reshape(-1, V), y.reshape(-1)).item()
    return total / (len(val_data) - 1)


for epoch in range(1, 6):
    model.train()
    h, total, start = torch.zeros(1, 32, 100), 0.0, time.time()
    for k, i in enumerate(range(0, train_data.size(0) - 1, BPTT)):
        x, y = get_batch(train_data, i)
        h = repackage(h)
        optimizer.zero_grad()
        out, h = model(x, h)
        loss = criterion(out.reshape(-1, V), y.reshape(-1))
        loss.backward()
        # fault:
        optimizer.step()
        # mended:
        # nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        # optimizer.step()
        # end
        total += loss.item()
        if (k + 1) % 50 == 0:
            print(f"| epoch {epoch} | batch {k + 1:4d} | loss {total / 50:7.3f} | bpc {total / 50 / math.log(2):7.3f}")
            total = 0.0
    val = evaluate()
    print(f"| end of epoch {epoch} | valid loss {val:.3f} | valid bpc {val / math.log(2):.3f}")
