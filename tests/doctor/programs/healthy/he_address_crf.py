"""Parts of an address (number, street, city, zip, country) with a BiLSTM-CRF, (T, B) throughout, forward algorithm and Viterbi by hand."""
import random
import torch
import torch.nn as nn

random.seed(100); torch.manual_seed(100)
TAGS = ["NUM", "STREET", "CITY", "ZIP", "COUNTRY"]
FIRST = "oak elm maple king queen church mill station park lake hill river garden north victoria albert".split()
TYPE = "street road lane avenue way".split()
CITY = "salem albany victoria lake hill york bath kingston oak hamilton dover park newport".split()
COUNTRY = "uk usa canada australia ireland".split()


def address():
    parts = []
    parts.append(([str(random.randint(1, 99))], 0))
    parts.append((random.sample(FIRST, random.choice([1, 1, 2])) + ([random.choice(TYPE)] if random.random() < 0.75 else []), 1))
    parts.append((random.sample(CITY, random.choice([1, 1, 2])), 2))
    if random.random() < 0.8:
        z = ([str(random.randint(10, 99)) + "xxx" if random.random() < 0.5 else str(random.randint(10, 99))], 3)
        parts.insert(3 if random.random() < 0.7 else 2, z)
    if random.random() < 0.5:
        parts.append(([random.choice(COUNTRY)], 4))
    return [w for ws, _ in parts for w in ws], [t for ws, t in parts for _ in ws]


data = [address() for _ in range(1500)]
train, dev = data[:1250], data[1250:]
stoi = {"<pad>": 0, "<unk>": 1}
for ws, _ in train:
    for w in ws:
        stoi.setdefault(w, len(stoi))


class Crf(nn.Module):
    def __init__(self, K):
        super().__init__()
        self.trans = nn.Parameter(torch.randn(K, K) * 0.1)
        self.start = nn.Parameter(torch.zeros(K))
        self.end = nn.Parameter(torch.zeros(K))

    def loss(self, em, tags, mask):
        T, B, K = em.shape
        cols = torch.arange(B)
        gold = self.start[tags[0]] + em[0, cols, tags[0]]
        alpha = self.start + em[0]
        for t in range(1, T):
            m = mask[t]
            gold = gold + m * (self.trans[tags[t - 1], tags[t]] + em[t, cols, tags[t]])
            nxt = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + em[t]
            alpha = torch.where(m.bool().unsqueeze(1), nxt, alpha)
        last = tags[mask.sum(0).long() - 1, cols]
        return (torch.logsumexp(alpha + self.end, 1) - gold - self.end[last]).mean()

    def viterbi(self, em, n):
        score, back = self.start + em[0], []
        for t in range(1, n):
            best, arg = (score.unsqueeze(1) + self.trans).max(0)
            score = best + em[t]
            back.append(arg)
        path = [int((score + self.end).argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


class AddressParser(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi), 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 12, bidirectional=True)
        self.out = nn.Linear(24, len(TAGS))
        self.crf = Crf(len(TAGS))

    def emissions(self, x, n):
        h, _ = self.lstm(nn.utils.rnn.pack_padded_sequence(self.emb(x), n, enforce_sorted=False))
        return self.out(nn.utils.rnn.pad_packed_sequence(h)[0])


def batch(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([stoi.get(w, 1) for w in ws]) for ws, _ in rows])
    y = nn.utils.rnn.pad_sequence([torch.tensor(t) for _, t in rows])
    return x, y, (x != 0).float(), torch.tensor([len(t) for _, t in rows])


model = AddressParser()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
for epoch in range(6):
    random.shuffle(train)
    tot = 0.0
    for k in range(0, len(train), 25):
        x, y, mask, n = batch(train[k:k + 25])
        loss = model.crf.loss(model.emissions(x, n), y, mask)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        tot += loss.item()
    with torch.no_grad():
        x, y, mask, n = batch(dev)
        em = model.emissions(x, n)
        paths = [model.crf.viterbi(em[:, i], int(n[i])) for i in range(len(dev))]
    right = sum(a == b for p, (_, t) in zip(paths, dev) for a, b in zip(p, t))
    whole = sum(p == t for p, (_, t) in zip(paths, dev)) / len(dev)
    print(f"epoch {epoch} loss {tot / 50:.3f} token accuracy {right / int(mask.sum()):.3f} whole address {whole:.3f}")
