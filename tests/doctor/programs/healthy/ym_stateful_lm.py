# Language model over a made-up second-order source; stateful batches, truncated BPTT, tied input and output embeddings.
# The entropy of the source is known, so we know when we are done.
import numpy as np
import torch, torch.nn as nn

np.random.seed(6)
torch.manual_seed(6)
K = 16
# next symbol: depends on the last one, mixed with one that depends on the one before
A = np.random.dirichlet(np.full(K, 0.12), size=K)
B = np.random.dirichlet(np.full(K, 0.12), size=K)
P = 0.6 * A[:, None, :] + 0.38 * B[None, :, :] + 0.02 / K        # P[last, before, next]
C = P.cumsum(-1)


def sample(n):
    u, s = np.random.rand(n), [0, 1]
    nll = 0.0
    for k in range(n):
        j = min(int(np.searchsorted(C[s[-1], s[-2]], u[k])), K - 1)
        nll -= np.log(P[s[-1], s[-2], j])
        s.append(j)
    return torch.tensor(s[2:]), nll / n


def batchify(x, bsz):
    n = len(x) // bsz
    return x[:n * bsz].view(bsz, n).t().contiguous()              # time x batch


train_seq, _ = sample(60000)
valid_seq, floor = sample(10000)
train, valid = batchify(train_seq, 50), batchify(valid_seq, 50)
counts = torch.bincount(train_seq, minlength=K).float()
unigram = -(counts / counts.sum()).log()[valid_seq].mean().item()
print("nats per symbol: unigram %.4f, the source itself %.4f" % (unigram, floor))


class LM(nn.Module):
    def __init__(self, nhid=32):
        super().__init__()
        self.table = nn.Embedding(K, nhid)
        nn.init.uniform_(self.table.weight, -0.3, 0.3)
        self.rnn = nn.LSTM(nhid, nhid)
        self.decoder = nn.Linear(nhid, K)
        self.decoder.weight = self.table.weight

    def forward(self, x, state):
        o, state = self.rnn(self.table(x), state)
        return self.decoder(o), state


def detach(state):
    return tuple(t.detach() for t in state)


BPTT = 20
model = LM()
crit = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=0.012)


def evaluate(data):
    model.eval()
    state, total = None, 0.0
    with torch.no_grad():
        for i in range(0, len(data) - 1, BPTT):
            x, y = data[i:i + BPTT], data[i + 1:i + 1 + BPTT]
            x = x[:len(y)]
            out, state = model(x, state)
            total += crit(out.flatten(0, 1), y.flatten()).item() * len(y)
    return total / (len(data) - 1)


for epoch in range(6):
    model.train()
    state, total = None, 0.0
    for i in range(0, len(train) - 1, BPTT):
        x, y = train[i:i + BPTT], train[i + 1:i + 1 + BPTT]
        x = x[:len(y)]
        if state is not None:
            state = detach(state)
        out, state = model(x, state)
        loss = crit(out.flatten(0, 1), y.flatten())
        model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step()
        total += loss.item() * len(y)
    if epoch >= 2:
        for g in opt.param_groups:
            g["lr"] /= 2
    print("epoch %d  train %.4f  valid %.4f" % (epoch, total / (len(train) - 1), evaluate(valid)))
