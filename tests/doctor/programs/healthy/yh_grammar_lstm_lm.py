# Word-level LSTM language model after pytorch/examples/word_language_model: state carried over from chunk to chunk,
# tied weights, plain SGD with a large rate, gradients clipped at 0.25, rate divided by 4 when validation stalls.
# The corpus comes from a small random grammar, so the best possible perplexity is known.
import math
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(1111)
rng = np.random.default_rng(1111)
NTOK, BPTT = 40, 20
T = rng.dirichlet(np.full(NTOK, 0.12), size=NTOK)
T = 0.97 * T + 0.03 / NTOK


def sample(n):
    out = np.empty(n, dtype=np.int64)
    cur = 0
    cdf = T.cumsum(1)
    for k, z in enumerate(rng.random(n)):
        cur = min(int(np.searchsorted(cdf[cur], z)), NTOK - 1)
        out[k] = cur
    return out


def batchify(ids, bsz):
    n = len(ids) // bsz
    return torch.from_numpy(ids[:n * bsz]).view(bsz, n).t().contiguous()


train_ids, val_ids = sample(36000), sample(6000)
floor = math.exp(-np.log(T[val_ids[:-1], val_ids[1:]]).mean())
train_data, val_data = batchify(train_ids, 20), batchify(val_ids, 10)


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp=40, dropout=0.1):
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, ninp)
        self.decoder = nn.Linear(ninp, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, hidden=None):
        out, hidden = self.rnn(self.drop(self.encoder(x)), hidden)
        return self.decoder(self.drop(out)).view(-1, NTOK), hidden


def evaluate(source):
    model.eval()
    total, hidden = 0.0, None
    with torch.no_grad():
        for i in range(0, len(source) - 1, BPTT):
            n = min(BPTT, len(source) - 1 - i)
            out, hidden = model(source[i:i + n], hidden)
            total += n * criterion(out, source[i + 1:i + 1 + n].reshape(-1)).item()
    return total / (len(source) - 1)


model = RNNModel(NTOK)
criterion = nn.CrossEntropyLoss()
lr, best = 20.0, None
print(f"uniform ppl {NTOK}, entropy of the grammar as ppl {floor:.2f}")
for epoch in range(1, 9):
    model.train()
    hidden, total, chunks = None, 0.0, 0
    for i in range(0, len(train_data) - 1, BPTT):
        n = min(BPTT, len(train_data) - 1 - i)
        if hidden is not None:
            hidden = tuple(h.detach() for h in hidden)
        model.zero_grad()
        out, hidden = model(train_data[i:i + n], hidden)
        loss = criterion(out, train_data[i + 1:i + 1 + n].reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        for p in model.parameters():
            p.data.add_(p.grad, alpha=-lr)
        total += loss.item()
        chunks += 1
    val = evaluate(val_data)
    print(f"| end of epoch {epoch} | lr {lr:5.2f} | train ppl {math.exp(total / chunks):6.2f} | valid ppl {math.exp(val):6.2f}")
    if best is None or val < best - 0.03:
        best = val
    else:
        best = min(best, val)
        lr /= 4.0
