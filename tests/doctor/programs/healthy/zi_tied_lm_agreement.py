# Word level LM on generated sentences with subject-verb agreement. Truncated BPTT, tied in/out embeddings.
import math, random
import torch
import torch.nn as nn

random.seed(77)
torch.manual_seed(77)
SING, PLUR = ["cat", "dog", "poet", "judge", "child"], ["cats", "dogs", "poets", "judges", "children"]
ADJ = ["old", "happy", "small", "famous"]
VS, VP = ["sees", "likes", "follows"], ["see", "like", "follow"]


def np_():
    pl = random.random() < .5
    d = random.choice(["these", "many"] if pl else ["this", "a"])
    adj = random.sample(ADJ, random.choice([0, 0, 1, 2]))
    return [d] + adj + [random.choice(PLUR if pl else SING)], pl


def sentence():
    subj, pl = np_()
    obj, _ = np_()
    return subj + [random.choice(VP if pl else VS)] + obj + ["."]


used = set()


def stream(n):
    out = []
    while n:
        s = sentence()
        if tuple(s) not in used:        # each sentence once, over both parts
            used.add(tuple(s))
            out += s
            n -= 1
    return out


train_w, valid_w = stream(1800), stream(400)
vocab = {w: i for i, w in enumerate(sorted(set(train_w)))}


def batchify(ws, bsz):
    ids = torch.tensor([vocab[w] for w in ws])
    n = len(ids) // bsz
    return ids[:n * bsz].view(bsz, n).t().contiguous()          # (time, batch)


class RNNModel(nn.Module):
    def __init__(self, nt, d=40):
        super().__init__()
        self.encoder = nn.Embedding(nt, d)
        self.rnn = nn.GRU(d, d)
        self.decoder = nn.Linear(d, nt)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)
        self.decoder.weight = self.encoder.weight

    def forward(self, x, h):
        o, h = self.rnn(self.encoder(x), h)
        return self.decoder(o), h


BPTT = 25
tr, va = batchify(train_w, 20), batchify(valid_w, 20)
model = RNNModel(len(vocab))
ce = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=0.01)


def evaluate(data):
    model.eval()
    h, tot, n = None, 0., 0
    with torch.no_grad():
        for i in range(0, len(data) - 1, BPTT):
            k = min(BPTT, len(data) - 1 - i)
            o, h = model(data[i:i + k], h)
            tot += ce(o.flatten(0, 1), data[i + 1:i + 1 + k].flatten()).item() * k
            n += k
    return math.exp(tot / n)


counts = torch.bincount(tr.flatten(), minlength=len(vocab)).float()
uni = (counts / counts.sum()).log()
print(f"unigram perplexity on valid: {math.exp(-uni[va.flatten()].mean().item()):.2f}")
for epoch in range(1, 6):
    model.train()
    h = None
    for i in range(0, len(tr) - 1, BPTT):
        k = min(BPTT, len(tr) - 1 - i)
        if h is not None:
            h = h.detach()
        o, h = model(tr[i:i + k], h)
        loss = ce(o.reshape(-1, len(vocab)), tr[i + 1:i + 1 + k].reshape(-1))
        model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step()
    print(f"| epoch {epoch} | train ppl {evaluate(tr):6.2f} | valid ppl {evaluate(va):6.2f}")
