"""Job adverts -> trade. Word vectors are made on the spot from a larger unlabelled pile (truncated SVD of the
co-occurrence counts) and then tuned with the classifier; words that the pile lacks get a row too."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rs = np.random.RandomState(12)
torch.manual_seed(12)
TRADES = ["nurse", "coder", "cook", "driver"]
DIM = 32

head = {t: [f"{t}{i}" for i in range(60)] for t in TRADES}      # stand-ins for the words of a trade
plain = [f"w{i}" for i in range(160)]


def zipf_pick(words, n):
    p = 1.0 / (np.arange(len(words)) + 4)
    return list(rs.choice(words, n, p=p / p.sum()))


def advert():
    k = rs.randint(len(TRADES))
    own = zipf_pick(head[TRADES[k]], rs.randint(2, 5))
    stray = zipf_pick(head[TRADES[rs.randint(len(TRADES))]], 1)
    words = own + stray + zipf_pick(plain, rs.randint(5, 10))
    rs.shuffle(words)
    return words, k


def co_occurrence(pile, words):
    pos = {w: i for i, w in enumerate(words)}
    C = np.zeros((len(words), len(words)), dtype=np.float32)
    for doc in pile:
        ids = [pos[w] for w in doc if w in pos]
        C[np.ix_(ids, ids)] += 1.0
    return C


def train_vectors(pile):
    counts = {}
    for doc in pile:
        for w in doc:
            counts[w] = counts.get(w, 0) + 1
    words = sorted(w for w, c in counts.items() if c >= 25)
    C = co_occurrence(pile, words)
    total = C.sum()
    pmi = np.log(np.maximum(C * total / (C.sum(1, keepdims=True) * C.sum(0)), 1.0))
    U, S, _ = np.linalg.svd(pmi)
    vec = U[:, :DIM] * np.sqrt(S[:DIM])
    vec /= vec.std()
    return dict(zip(words, vec * 0.4))


class AdvertNet(nn.Module):
    def __init__(self, vocab, vectors):
        super().__init__()
        # fault:
        table = torch.empty(len(vocab), DIM)
        # mended:
        # table = torch.randn(len(vocab), DIM) * 0.4
        # end
        for w, i in vocab.items():
            if w in vectors:
                table[i] = torch.as_tensor(vectors[w])
        table[0] = 0.0
        self.emb = nn.Embedding(len(vocab), DIM, padding_idx=0)
        self.emb.weight.data = table
        self.hid = nn.Linear(DIM, 32)
        self.out = nn.Linear(32, len(TRADES))

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True)
        return self.out(torch.relu(self.hid(self.emb(x).sum(1) / n)))


vectors = train_vectors([advert()[0] for _ in range(1600)])
train, test = [advert() for _ in range(1500)], [advert() for _ in range(500)]
vocab = {"<pad>": 0, "<unk>": 1}
for words, _ in train:
    for w in words:
        vocab.setdefault(w, len(vocab))
print(f"{len(vocab)} rows, {sum(w in vectors for w in vocab)} of them with a vector")


def batch(rows):
    x = np.zeros((len(rows), max(len(w) for w, _ in rows)), dtype=np.int64)
    for i, (w, _) in enumerate(rows):
        x[i, :len(w)] = [vocab.get(t, 1) for t in w]
    return torch.from_numpy(x), torch.tensor([k for _, k in rows])


net = AdvertNet(vocab, vectors)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(1, 7):
    order, losses = rs.permutation(len(train)), []
    for i in range(0, len(order), 50):
        x, y = batch([train[j] for j in order[i:i + 50]])
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        acc = [(net(x).argmax(1) == y).float().mean().item() for x, y in (batch(train), batch(test))]
    print(f"{epoch} loss {np.mean(losses):.4f} train {acc[0]:.3f} test {acc[1]:.3f}")
