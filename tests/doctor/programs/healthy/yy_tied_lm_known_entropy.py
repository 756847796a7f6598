# Exercise 4: LSTM language model with tied weights on text from a toy grammar.
# We know the entropy of the grammar, so we can see how close the LM comes.
import math, random
import torch
from torch import nn

rng = random.Random(11)
torch.manual_seed(11)
NOUN = {"sg": "dog cat nurse king farmer child".split(), "pl": "dogs cats nurses kings farmers children".split()}
VERB = {"sg": "sees likes follows paints".split(), "pl": "see like follow paint".split()}
ADJ = "old small happy green quiet".split()
DET = {"sg": ["a", "every"], "pl": ["all", "many"]}
bits = 0.0


def pick(options):
    global bits
    bits += math.log(len(options))
    return rng.choice(options)


def flip(p):
    global bits
    r = rng.random() < p
    bits -= math.log(p if r else 1 - p)
    return r


def noun_phrase():
    n = "sg" if flip(0.5) else "pl"
    words = [pick(DET[n])]
    if flip(0.4):
        words.append(pick(ADJ))
    return words + [pick(NOUN[n])], n


def sentence():
    subj, n = noun_phrase()
    obj, _ = noun_phrase()
    return subj + [pick(VERB[n])] + obj + ["."]


def corpus(n):
    global bits
    bits, words = 0.0, []
    for _ in range(n):
        words += sentence()
    return words, bits / len(words)


train, _ = corpus(5200)
valid, floor = corpus(800)
vocab = {w: i for i, w in enumerate(sorted(set(train)))}
print(f"{len(train)} tokens, vocabulary {len(vocab)}, perplexity of the grammar {math.exp(floor):.3f}")


def batchify(words, lanes):
    ids = torch.tensor([vocab[w] for w in words])
    n = len(ids) // lanes
    return ids[: n * lanes].view(lanes, n).t().contiguous()        # (time, lanes)


class LM(nn.Module):
    def __init__(self, V, d=24):
        super().__init__()
        self.enc = nn.Embedding(V, d)
        self.rnn = nn.LSTM(d, d)
        self.dec = nn.Linear(d, V)
        nn.init.normal_(self.enc.weight, std=0.3)
        self.dec.weight = self.enc.weight
        nn.init.zeros_(self.dec.bias)

    def forward(self, x, state):
        h, state = self.rnn(self.enc(x), state)
        return self.dec(h), state


def evaluate(model, data, bptt=32):
    model.eval()
    tot, state = 0.0, None
    with torch.no_grad():
        for i in range(0, len(data) - 1, bptt):
            x, y = data[i:i + bptt], data[i + 1:i + 1 + bptt]
            z, state = model(x[: len(y)], state)
            tot += nn.functional.cross_entropy(z.flatten(0, 1), y.flatten(), reduction="sum").item()
    return tot / ((len(data) - 1) * data.shape[1])


tr, va = batchify(train, 40), batchify(valid, 10)
model, lr = LM(len(vocab)), 0.02
opt = torch.optim.Adam(model.parameters(), lr=lr)
best = float("inf")
for epoch in range(5):
    model.train()
    state = None
    for i in range(0, len(tr) - 1, 24):
        y = tr[i + 1:i + 25]
        if state is not None:
            state = tuple(s.detach() for s in state)               # truncated BPTT, values go on
        z, state = model(tr[i:i + len(y)], state)
        loss = nn.functional.cross_entropy(z.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    v = evaluate(model, va)
    print(f"epoch {epoch + 1} lr {lr:.4f} train loss {evaluate(model, tr):.4f} valid ppl {math.exp(v):.3f}")
    if v > best - 0.01:                                             # anneal as in the word_language_model example
        lr /= 4
        for g in opt.param_groups:
            g["lr"] = lr
    best = min(best, v)
print(f"valid loss {best:.4f} nats, lower bound {floor:.4f}")
