# Functional harmony (T / S / D) of melodies: BiLSTM-CRF written out by hand, Lample et al. 2016 style.
import random
import torch
import torch.nn as nn

torch.manual_seed(6); random.seed(6)
TAGS = ["T", "S", "D"]
NOTES = {"T": [1, 3, 5], "S": [4, 6, 1], "D": [5, 7, 2]}           # ambiguous: 1 and 5
NEXT = {"T": "TTSSD", "S": "SDDDT", "D": "DTTTT"}
START = 3


def tune():
    tag, out = "T", []
    for _ in range(random.randint(6, 14)):
        out.append((random.choice(NOTES[tag]), TAGS.index(tag)))
        tag = random.choice(NEXT[tag])
    return out


def collate(batch):
    n = max(map(len, batch))
    x = torch.tensor([[a for a, _ in t] + [0] * (n - len(t)) for t in batch])
    y = torch.tensor([[b for _, b in t] + [0] * (n - len(t)) for t in batch])
    return x, y, torch.tensor([len(t) for t in batch])


class BiLSTM_CRF(nn.Module):
    def __init__(self, k=3, d=16, h=24):
        super().__init__()
        self.emb = nn.Embedding(8, d, padding_idx=0)
        self.lstm = nn.LSTM(d, h, bidirectional=True, batch_first=True)
        self.emit = nn.Linear(2 * h, k)
        self.trans = nn.Parameter(torch.zeros(k + 1, k))            # row k: start

    def emissions(self, x, lens):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        o, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(p)[0], batch_first=True)
        return self.emit(o)

    def neg_log_likelihood(self, x, y, lens):
        e = self.emissions(x, lens)
        mask = torch.arange(x.size(1))[None] < lens[:, None]
        # gold path
        prev = torch.cat([torch.full_like(y[:, :1], START), y[:, :-1]], 1)
        gold = ((e.gather(2, y[..., None]).squeeze(2) + self.trans[prev, y]) * mask).sum(1)
        # forward algorithm
        alpha = e[:, 0] + self.trans[START]
        for t in range(1, x.size(1)):
            new = torch.logsumexp(alpha[:, :, None] + self.trans[:3][None], 1) + e[:, t]
            alpha = torch.where(mask[:, t, None], new, alpha)
        return (torch.logsumexp(alpha, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, x, lens):
        paths = []
        for e, n in zip(self.emissions(x, lens), lens.tolist()):
            score, back = e[0] + self.trans[START], []
            for t in range(1, n):
                best, arg = (score[:, None] + self.trans[:3]).max(0)
                back.append(arg.tolist())
                score = best + e[t]
            path = [int(score.argmax())]
            for arg in reversed(back):
                path.append(arg[path[-1]])
            paths.append(path[::-1])
        return paths


train, dev = [tune() for _ in range(900)], [tune() for _ in range(150)]
model = BiLSTM_CRF()
optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)


def accuracy(tunes):
    x, y, lens = collate(tunes)
    ok = sum(a == b for p, g in zip(model.viterbi(x, lens), tunes) for a, (_, b) in zip(p, g))
    return ok / int(lens.sum())


for epoch in range(4):
    random.shuffle(train)
    s = 0.
    for i in range(0, len(train), 36):
        model.zero_grad()
        loss = model.neg_log_likelihood(*collate(train[i:i + 36]))
        loss.backward()
        optimizer.step()
        s += loss.item()
    print(f"{epoch}: nll {s / 25:.3f}  dev {accuracy(dev):.3f}")
print(f"train {accuracy(train[:150]):.3f} dev {accuracy(dev):.3f}  (majority {max(sum(b == k for t in dev for _, b in t) for k in range(3)) / sum(map(len, dev)):.3f})")
