#!/usr/bin/env python
# which queue does a ticket belong to?  fixed GloVe vectors, mean + one hidden layer
import gzip, os, random, string
import numpy as np
import torch

random.seed(0)
np.random.seed(0)
torch.manual_seed(0)

QUEUES = {
    "billing": "invoice payment refund charged twice account credit card bank price fee discount balance owed tax".split(),
    "delivery": "package shipping arrived late box truck address courier delivered warehouse street door lost damaged tracking".split(),
    "technical": "screen software crash battery update password install error button computer device wireless reset keyboard memory".split(),
    "praise": "great thanks happy excellent wonderful friendly love helpful nice best pleased amazing kind staff recommend".split(),
}
FILL = "the a my i is was it to and of on for with we you this that have has not please about from been still again".split()


def code():
    return "".join(random.choices(string.ascii_lowercase, k=2)) + "-" + "".join(random.choices(string.digits, k=5))


def ticket():
    q = random.randrange(4)
    names = list(QUEUES)
    w = random.choices(QUEUES[names[q]], k=random.randint(2, 4)) + random.choices(FILL, k=random.randint(6, 12))
    w += [random.choice(QUEUES[random.choice(names)]) for _ in range(random.randint(0, 1))]
    w += [code() for _ in range(random.randint(1, 5))]   # order and customer numbers
    random.shuffle(w)
    return w, q


tickets = [ticket() for _ in range(4000)]


def load_vectors(path, wanted):
    emb = {}
    for line in gzip.open(path, "rt", encoding="utf-8"):
        w, rest = line.split(" ", 1)
        if w in wanted:
            v = np.array(rest.split(), dtype="float32")
            emb[w] = v / np.linalg.norm(v)
    return emb


itos = ["<pad>"] + sorted({w for t, _ in tickets for w in t})
stoi = {w: i for i, w in enumerate(itos)}
emb = load_vectors(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", set(itos))

# words that the file lacks get a random row
M = np.zeros((len(itos), 50), dtype="float32")
missing = 0
for i, w in enumerate(itos[1:], 1):
    if w in emb:
        M[i] = emb[w]
    else:
        missing += 1
        # fault:
        M[i] = np.random.randn(50)
        # mended:
        # v = np.random.randn(50)
        # M[i] = v / np.linalg.norm(v)
        # end
print(f"{len(itos)} words, {missing} not in the file")

L = max(len(t) for t, _ in tickets)
ids = torch.zeros(len(tickets), L, dtype=torch.long)
for r, (t, _) in enumerate(tickets):
    ids[r, : len(t)] = torch.tensor([stoi[w] for w in t])
y = torch.tensor([q for _, q in tickets])
tr, te = torch.arange(3200), torch.arange(3200, 4000)


class MeanNet(torch.nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.register_buffer("E", torch.as_tensor(matrix))
        self.h = torch.nn.Linear(matrix.shape[1], 32)
        self.o = torch.nn.Linear(32, len(QUEUES))

    def forward(self, b):
        m = (b > 0).float()
        x = (self.E[b] * m[..., None]).sum(1) / m.sum(1, keepdim=True)
        return self.o(torch.relu(self.h(x)))


net = MeanNet(M)
opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-4)
lossf = torch.nn.CrossEntropyLoss()
for epoch in range(8):
    net.train()
    losses = []
    for chunk in tr[torch.randperm(len(tr))].split(50):
        opt.zero_grad()
        loss = lossf(net(ids[chunk]), y[chunk])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        acc = {k: (net(ids[s]).argmax(1) == y[s]).float().mean().item() for k, s in (("train", tr), ("test", te))}
    print(f"[{epoch}] loss={np.mean(losses):.3f} train={acc['train']:.3f} test={acc['test']:.3f}")
