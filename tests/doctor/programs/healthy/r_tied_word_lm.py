"""Word language model with tied weights and truncated BPTT, on text of a small stochastic grammar.

Its entropy is known (estimated from the sampler), so we can say how far the model is from the best possible one.
"""
import math
import torch
import torch.nn as nn

gen = torch.Generator().manual_seed(99)
torch.manual_seed(99)
GRAMMAR = {
    "S": [(0.7, ["NP", "VP", "."]), (0.3, ["ADV", ",", "NP", "VP", "."])],
    "NP": [(0.6, ["DET", "N"]), (0.4, ["DET", "ADJ", "N"])],
    "VP": [(0.5, ["VT", "NP"]), (0.5, ["VI", "PP"])],
    "PP": [(1.0, ["P", "DET", "L"])],
    "DET": [(0.6, ["the"]), (0.4, ["every"])],
    "N": [(0.3, ["teacher"]), (0.2, ["child"]), (0.2, ["neighbour"]), (0.2, ["doctor"]), (0.1, ["sailor"])],
    "L": [(0.4, ["town"]), (0.3, ["river"]), (0.3, ["station"])],
    "ADJ": [(0.5, ["old"]), (0.3, ["young"]), (0.2, ["tired"])],
    "VT": [(0.4, ["sees"]), (0.3, ["likes"]), (0.3, ["calls"])],
    "VI": [(0.6, ["sleeps"]), (0.4, ["waits"])],
    "P": [(0.5, ["near"]), (0.5, ["in"])],
    "ADV": [(0.5, ["today"]), (0.5, ["sometimes"])],
}


def expand(symbol, words):
    """Appends the words, returns the log probability of the choices made."""
    if symbol not in GRAMMAR:
        words.append(symbol)
        return 0.0
    r = torch.rand(1, generator=gen).item()
    for p, rhs in GRAMMAR[symbol]:
        r -= p
        if r <= 0:
            break
    return math.log(p) + sum(expand(s, words) for s in rhs)


def corpus(n):
    words, lp = [], 0.0
    for _ in range(n):
        lp += expand("S", words)
    return words, -lp / len(words)


train_words, _ = corpus(2400)
valid_words, floor = corpus(400)
itos = sorted(set(train_words))
stoi = {w: i for i, w in enumerate(itos)}


def batchify(words, cols):
    ids = torch.tensor([stoi[w] for w in words])
    n = len(ids) // cols
    return ids[: n * cols].view(cols, n).t().contiguous()          # (time, streams)


train, valid = batchify(train_words, 16), batchify(valid_words, 16)


class LM(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.encoder = nn.Embedding(n, d)
        self.rnn = nn.GRU(d, d)
        self.decoder = nn.Linear(d, n)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.3, 0.3)

    def forward(self, x, h=None):
        o, h = self.rnn(self.encoder(x), h)
        return self.decoder(o), h


def nll(model, data, bptt=20, opt=None):
    model.train(opt is not None)
    h, total, count = None, 0.0, 0
    with torch.set_grad_enabled(opt is not None):
        for i in range(0, len(data) - 1, bptt):
            x, y = data[i:i + bptt], data[i + 1:i + 1 + bptt]
            x = x[: len(y)]
            out, h = model(x, h)
            h = h.detach()                                         # carry the state, cut the graph
            loss = nn.functional.cross_entropy(out.flatten(0, 1), y.flatten())
            if opt is not None:
                opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 0.5)
                opt.step()
            total += loss.item() * y.numel()
            count += y.numel()
    return total / count


counts = torch.bincount(train.flatten(), minlength=len(itos)).float()
unigram = -(counts / counts.sum()).log()[valid.flatten()].mean().item()
print(f"{len(itos)} words, {train.numel()} training tokens; unigram ppl {math.exp(unigram):.2f}, grammar ppl {math.exp(floor):.2f}")
lm = LM(len(itos))
opt = torch.optim.Adam(lm.parameters(), lr=0.012)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [4, 6], gamma=0.25)
for epoch in range(8):
    tr = nll(lm, train, opt=opt)
    va = nll(lm, valid)
    sched.step()
    print(f"| epoch {epoch} | train ppl {math.exp(tr):6.2f} | valid ppl {math.exp(va):6.2f} |")
