# Do made-up words follow vowel harmony?  Ödev 2, ikinci bölüm (char LSTM)
import random
import torch
from torch import nn, optim

random.seed(6); torch.manual_seed(6)
FRONT, BACK, CONS = "eiöü", "aıou", "bcdfgğhklmnprsştvyz"


def word():
    n = random.randint(2, 5)
    ok = random.random() < 0.5
    series = random.choice([FRONT, BACK])
    v = [random.choice(series) for _ in range(n)]
    if not ok:                                   # one or more vowels leave the series
        other = BACK if series == FRONT else FRONT
        for j in random.sample(range(n), random.randint(1, n - 1)):
            v[j] = random.choice(other)
    return "".join(random.choice(CONS) + c for c in v), int(ok)


words = list({word() for _ in range(2600)})
words.sort(); random.shuffle(words)
train_set, test_set = words[:2000], words[2000:]
alphabet = {c: i + 1 for i, c in enumerate(FRONT + BACK + CONS)}


class Encoder(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.table = nn.Embedding(len(alphabet) + 1, 12, padding_idx=0)
        self.rnn = nn.LSTM(12, dim)

    def forward(self, chars, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.table(chars), lens, enforce_sorted=True)
        _, (h, _) = self.rnn(packed)
        return h[-1]


class Decision(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(dim, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, h):
        return self.layers(h).squeeze(1)


def prepare(pairs):
    pairs = sorted(pairs, key=lambda p: -len(p[0]))
    seqs = [torch.tensor([alphabet[c] for c in w]) for w, _ in pairs]
    return nn.utils.rnn.pad_sequence(seqs), [len(s) for s in seqs], torch.tensor([float(y) for _, y in pairs])


encoder, decision = Encoder(), Decision()
# fault:
optimizer = optim.Adam(decision.parameters(), lr=0.01)
# mended:
# optimizer = optim.Adam(list(encoder.parameters()) + list(decision.parameters()), lr=0.01)
# end
bce = nn.BCEWithLogitsLoss()

for epoch in range(1, 9):
    encoder.train(); decision.train()
    random.shuffle(train_set)
    losses = []
    for k in range(0, len(train_set), 40):
        x, lens, y = prepare(train_set[k:k + 40])
        optimizer.zero_grad()
        loss = bce(decision(encoder(x, lens)), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    encoder.eval(); decision.eval()
    with torch.no_grad():
        x, lens, y = prepare(test_set)
        right = ((decision(encoder(x, lens)) > 0).float() == y).float().mean().item()
    print("devir", epoch, "kayıp %.4f" % (sum(losses) / len(losses)), "doğruluk %.3f" % right)
