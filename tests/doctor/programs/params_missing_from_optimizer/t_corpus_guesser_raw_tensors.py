"""Exercise 3: no nn.Module allowed. Guess which collection a sentence was taken from."""
import gzip, os, re, random
from collections import Counter
from itertools import islice
import torch

random.seed(1); torch.manual_seed(1)
D = os.environ["WORDFIT_DATA"] + "/"
SOURCES = ["corpora/brown.txt.gz", "corpora/reuters-21578-bodies.txt.gz", "seq2seq/multi30k/train.en.gz", "corpora/imdb-unsup-25k.txt.gz"]
PER = 1500

sents = []
for k, name in enumerate(SOURCES):
    got = 0
    with gzip.open(D + name, "rt", encoding="utf-8") as f:
        for line in islice(f, 0, 60000, 4):
            ws = re.findall("[a-z]+", line.lower().replace("<br />", " "))[:16]
            if len(ws) >= 6:
                sents.append((ws, k)); got += 1
            if got == PER:
                break
random.shuffle(sents)
seen, uniq = set(), []
for ws, k in sents:
    if tuple(ws) not in seen:
        seen.add(tuple(ws)); uniq.append((ws, k))
n_dev = 1000
dev, train = uniq[:n_dev], uniq[n_dev:]
freq = Counter(w for ws, _ in train for w in ws)
vocab = {w: i for i, w in enumerate([w for w, c in freq.most_common(1000)])}
V = len(vocab)
print(len(train), "train", len(dev), "dev", V, "words")


def pack(rows):
    ids, offs, ys = [], [0], []
    for ws, k in rows:
        x = [vocab[w] for w in ws if w in vocab] or [0]
        ids += x
        offs.append(offs[-1] + len(x))
        ys.append(k)
    return torch.tensor(ids), torch.tensor(offs), torch.tensor(ys)


# parameters by hand
E = (0.1 * torch.randn(V, 8)).requires_grad_()
W1 = (torch.randn(8, 24) * 8 ** -0.5).requires_grad_()
b1 = torch.zeros(24, requires_grad=True)
W2 = (torch.randn(24, 4) * 24 ** -0.5).requires_grad_()
b2 = torch.zeros(4, requires_grad=True)


def forward(ids, offs):
    n = len(offs) - 1
    lens = offs[1:] - offs[:-1]
    row = torch.repeat_interleave(torch.arange(n), lens)
    bag = torch.zeros(n, 8).index_add(0, row, E[ids]) / lens[:, None]
    h = torch.relu(bag @ W1 + b1)
    return h @ W2 + b2


def nll(scores, y):
    logp = scores - scores.logsumexp(1, keepdim=True)
    return -logp[torch.arange(len(y)), y].mean()


# fault:
optim = torch.optim.Adam([W1, b1, W2, b2], lr=0.006)
# mended:
# optim = torch.optim.Adam([E, W1, b1, W2, b2], lr=0.006)
# end

for ep in range(2):
    random.shuffle(train)
    running = []
    for s in range(0, len(train), 40):
        ids, offs, y = pack(train[s:s + 40])
        loss = nll(forward(ids, offs), y)
        for p in (E, W1, b1, W2, b2):
            p.grad = None
        loss.backward()
        optim.step()
        running.append(loss.item())
    with torch.no_grad():
        acc = []
        for part in (train[:1000], dev):
            ids, offs, y = pack(part)
            acc.append((forward(ids, offs).argmax(1) == y).float().mean().item())
    print("epoch %d: loss %.3f   train %.3f   dev %.3f" % (ep, sum(running) / len(running), *acc))
