"""Linear-chain CRF written by hand: find PERSON / TIME chunks in made-up chat messages (B/I/O)."""
import random
import torch
from torch import nn

rnd = random.Random(31)
torch.manual_seed(31)

FIRST = "aiko budi chen dewi emre farid giulia hana ivan joao".split()
LAST = "sato wijaya li santoso kaya rossi kim petrov silva costa".split()
TALK = "meet call the with about and report please will at lunch from send ask me".split()
NUMS = [str(i) for i in range(1, 13)]
TAGS = ["O", "B-PER", "I-PER", "B-TIME", "I-TIME"]


def message():
    toks, tags = [], []
    for _ in range(rnd.randint(3, 6)):
        r = rnd.random()
        if r < 0.25:
            toks += [rnd.choice(FIRST)]; tags += [1]
            if rnd.random() < 0.6:
                toks += [rnd.choice(LAST)]; tags += [2]
        elif r < 0.45:
            toks += [rnd.choice(NUMS), rnd.choice(["pm", "am", "oclock"])]; tags += [3, 4]
        elif r < 0.6:                                     # a number which is no time
            toks += [rnd.choice(NUMS), rnd.choice(["reports", "people", "files"])]; tags += [0, 0]
        else:
            toks += [rnd.choice(TALK)]; tags += [0]
    return toks, tags


train = [message() for _ in range(700)]
held = [message() for _ in range(200)]
ids = {}
for t, _ in train:
    for w in t:
        ids.setdefault(w, len(ids))


class Tagger(nn.Module):
    def __init__(self, n, k):
        super().__init__()
        self.emb = nn.Embedding(n, 16)
        self.rnn = nn.GRU(16, 12, bidirectional=True)
        self.emit = nn.Linear(24, k)
        self.trans = nn.Parameter(torch.zeros(k, k))
        self.start = nn.Parameter(torch.zeros(k))

    def scores(self, w):                                  # (T, B), all of one length
        return self.emit(self.rnn(self.emb(w))[0])

    def nll(self, w, y):
        e = self.scores(w)
        a = self.start + e[0]
        gold = (self.start + e[0]).gather(1, y[0][:, None])[:, 0]
        for t in range(1, len(e)):
            a = torch.logsumexp(a[:, :, None] + self.trans, dim=1) + e[t]
            gold = gold + self.trans[y[t - 1], y[t]] + e[t].gather(1, y[t][:, None])[:, 0]
        return (torch.logsumexp(a, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, w):
        e = self.scores(w)
        a, back = self.start + e[0], []
        for t in range(1, len(e)):
            m, arg = (a[:, :, None] + self.trans).max(1)
            a = m + e[t]; back.append(arg)
        best = a.argmax(1)
        path = [best]
        for arg in reversed(back):
            best = arg.gather(1, best[:, None])[:, 0]
            path.append(best)
        return torch.stack(path[::-1])


def by_length(data, size):
    """Batches of equal length: nothing has to be padded."""
    groups = {}
    for m in data:
        groups.setdefault(len(m[0]), []).append(m)
    out = []
    for g in groups.values():
        rnd.shuffle(g)
        for i in range(0, len(g), size):
            part = g[i:i + size]
            out.append((torch.tensor([[ids[w] for w in t] for t, _ in part]).T, torch.tensor([y for _, y in part]).T))
    rnd.shuffle(out)
    return out


net = Tagger(len(ids), len(TAGS))
adam = torch.optim.Adam(net.parameters(), lr=0.02)
for ep in range(3):
    net.train()
    ls = []
    for w, y in by_length(train, 20):
        loss = net.nll(w, y)
        adam.zero_grad(); loss.backward(); adam.step()
        ls.append(loss.item())
    net.eval()
    tp = fp = fn = 0
    for w, y in by_length(held, 100):
        p = net.viterbi(w)
        tp += ((p == y) & (y > 0)).sum().item(); fp += ((p != y) & (p > 0)).sum().item(); fn += ((p != y) & (y > 0)).sum().item()
    print("epoch %d  crf loss %.3f  token F1 (no O) %.3f" % (ep + 1, sum(ls) / len(ls), 2 * tp / (2 * tp + fp + fn)))
