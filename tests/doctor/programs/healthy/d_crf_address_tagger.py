#!/usr/bin/env python3
"""Linear-chain CRF, written out, for parts of postal addresses."""
import random
import torch
import torch.nn as nn

random.seed(31); torch.manual_seed(31)
TAGS = ["O", "B-NUM", "B-STREET", "I-STREET", "B-CITY", "I-CITY"]
FIRST = ["oak", "new", "king", "mill", "green", "north", "saint", "red", "hill", "lake"]   # both street and city
KIND = ["road", "street", "lane", "avenue"]
END = ["town", "port", "field", "bridge", "castle"]
OTHER = ["send", "it", "to", "please", "we", "live", "at", "in", "my", "house", "is", "near", "the", "office"]


def example():
    out = [(random.choice(OTHER), "O") for _ in range(random.randint(1, 4))]
    parts = []
    if random.random() < .8:
        s = [(str(random.randint(1, 30)), "B-NUM"), (random.choice(FIRST), "B-STREET")]
        if random.random() < .3:
            s.append((random.choice(FIRST), "I-STREET"))
        parts.append(s + [(random.choice(KIND), "I-STREET")])
    parts.append([(random.choice(FIRST), "B-CITY"), (random.choice(END), "I-CITY")])
    random.shuffle(parts)
    for p in parts:
        out += p + [(random.choice(OTHER), "O") for _ in range(random.randint(0, 3))]
    return [w for w, _ in out], [TAGS.index(t) for _, t in out]


data = [example() for _ in range(1300)]
words = {w: i + 1 for i, w in enumerate(sorted({w for ws, _ in data for w in ws}))}


class CRFTagger(nn.Module):
    def __init__(self, n_words, n_tags, dim=16, hid=12):
        super().__init__()
        self.emb = nn.Embedding(n_words + 1, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hid, bidirectional=True, batch_first=True)
        self.emit = nn.Linear(2 * hid, n_tags)
        self.trans = nn.Parameter(torch.zeros(n_tags, n_tags))
        self.begin = nn.Parameter(torch.zeros(n_tags))

    def emissions(self, x, lengths):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(p)[0], batch_first=True)
        return self.emit(h)

    def loss(self, x, y, lengths):
        e, mask = self.emissions(x, lengths), x > 0
        alpha = self.begin + e[:, 0]
        gold = alpha.gather(1, y[:, :1]).squeeze(1)
        for t in range(1, x.size(1)):
            step = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + e[:, t]
            alpha = torch.where(mask[:, t:t + 1], step, alpha)
            inc = self.trans[y[:, t - 1], y[:, t]] + e[:, t].gather(1, y[:, t:t + 1]).squeeze(1)
            gold = gold + inc * mask[:, t]
        return (torch.logsumexp(alpha, 1) - gold).mean()

    def decode(self, x):
        e = self.emissions(x[None], torch.tensor([len(x)]))[0]
        score, back = self.begin + e[0], []
        for t in range(1, len(x)):
            best, arg = (score.unsqueeze(1) + self.trans).max(0)
            back.append(arg)
            score = best + e[t]
        path = [int(score.argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


def batch(rows):
    xs = [torch.tensor([words[w] for w in ws]) for ws, _ in rows]
    ys = [torch.tensor(t) for _, t in rows]
    pad = nn.utils.rnn.pad_sequence
    return pad(xs, batch_first=True), pad(ys, batch_first=True), torch.tensor([len(x) for x in xs])


train, test = data[:1000], data[1000:]
tagger = CRFTagger(len(words), len(TAGS))
opt = torch.optim.AdamW(tagger.parameters(), lr=0.02)
for epoch in range(4):
    random.shuffle(train)
    tot = 0.
    for i in range(0, 1000, 30):
        loss = tagger.loss(*batch(train[i:i + 30]))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    with torch.no_grad():
        tl = tagger.loss(*batch(test)).item()
    print(f"epoch {epoch}  -loglik per sentence: train {tot / 34:.3f} test {tl:.3f}")
with torch.no_grad():
    paths = [tagger.decode(torch.tensor([words[w] for w in ws])) for ws, _ in test]
n = sum(len(p) for p in paths)
print("tag accuracy %.4f" % (sum(a == b for p, (_, t) in zip(paths, test) for a, b in zip(p, t)) / n))
print("whole sentences right %.3f" % (sum(p == t for p, (_, t) in zip(paths, test)) / len(test)))
