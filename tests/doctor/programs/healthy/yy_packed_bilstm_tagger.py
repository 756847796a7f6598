"""Course homework: BiLSTM tagger, packed sequences, time-major batches. The words are invented; the tag of an ambiguous
word depends on its neighbours."""
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, PackedSequence

gen = np.random.RandomState(5)
torch.manual_seed(5)
TAGS = ["D", "A", "N", "V", "P", "."]
lex = {"D": ["le", "un", "ce"], "A": [f"a{i}" for i in range(30)], "N": [f"n{i}" for i in range(40)],
       "V": [f"v{i}" for i in range(30)], "P": ["de", "sur", "par"], ".": [".", "!"]}
both = [f"x{i}" for i in range(25)]        # noun after D/A/P, verb after a noun


def phrase():
    out = [("D", gen.choice(lex["D"]))]
    while gen.rand() < 0.3:
        out.append(("A", gen.choice(lex["A"])))
    out.append(("N", gen.choice(both if gen.rand() < 0.4 else lex["N"])))
    if gen.rand() < 0.3:
        out += [("P", gen.choice(lex["P"]))] + phrase()
    return out


def make(n):
    sents = []
    for _ in range(n):
        s = phrase() + [("V", gen.choice(both if gen.rand() < 0.4 else lex["V"]))]
        if gen.rand() < 0.8:
            s += phrase()
        sents.append(s + [(".", gen.choice(lex["."]))])
    return sents


vocab = {w: i for i, w in enumerate(sorted({w for ws in lex.values() for w in ws} | set(both)))}
to_ids = lambda s: (torch.tensor([vocab[w] for _, w in s]), torch.tensor([TAGS.index(t) for t, _ in s]))
train, dev = [to_ids(s) for s in make(1200)], [to_ids(s) for s in make(300)]


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags, d=16, h=16):
        super().__init__()
        self.word = nn.Embedding(n_words, d)
        self.lstm = nn.LSTM(d, h, bidirectional=True)
        self.top = nn.Linear(2 * h, n_tags)

    def forward(self, packed):
        emb = PackedSequence(self.word(packed.data), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        out, _ = self.lstm(emb)
        return self.top(out.data)          # one row per real token, no padding anywhere


def batches(data, size, shuffle):
    order = gen.permutation(len(data)) if shuffle else np.arange(len(data))
    for i in range(0, len(data), size):
        xs, ys = zip(*[data[j] for j in order[i:i + size]])
        yield pack_sequence(xs, enforce_sorted=False), pack_sequence(ys, enforce_sorted=False)


net = Tagger(len(vocab), len(TAGS))
opt = torch.optim.RMSprop(net.parameters(), lr=0.01)
decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
for ep in range(5):
    net.train()
    losses = []
    for x, y in batches(train, 40, True):
        opt.zero_grad()
        l = nn.functional.cross_entropy(net(x), y.data)
        l.backward()
        opt.step()
        losses.append(float(l))
    decay.step()
    net.eval()
    conf = np.zeros((len(TAGS), len(TAGS)), int)
    with torch.no_grad():
        for x, y in batches(dev, 100, False):
            np.add.at(conf, (y.data.numpy(), net(x).argmax(1).numpy()), 1)
    print(f"[{ep}] loss {np.mean(losses):.4f} dev token acc {conf.trace() / conf.sum():.4f}")
print("confusion\n", conf)
x, y = next(batches(dev, 1, False))
tags, _ = pad_packed_sequence(PackedSequence(net(x).argmax(1), x.batch_sizes))
print("first dev sentence:", "".join(TAGS[t] for t in tags[:, 0]), "gold", "".join(TAGS[t] for t in y.data))
