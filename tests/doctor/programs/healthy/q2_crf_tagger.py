"""BiGRU-CRF for slots in spoken travel requests (own CRF layer, Viterbi decoding, span F1)."""
import random

import torch
from torch import nn

rng = random.Random(9)
torch.manual_seed(9)
CITIES = ["boston", "new york", "san jose", "denver", "salt lake city", "dallas", "st louis", "miami", "lake city", "new jersey"]
DAYS = "monday tuesday wednesday thursday friday sunday".split()
LINES = ["delta", "united", "air canada", "american"]
TEMPLATES = ["show me flights from {F} to {T} on {D}", "i want to go to {T} from {F} please", "{L} flights leaving {F} on {D}",
             "what {L} flights arrive in {T} {D}", "is there a flight to {T} {D} morning with {L}", "cheapest fare from {F} to {T}",
             "going from {F} on {D} or {D} to {T}", "list {L} fares", "the flight {D} between {F} and {T}", "does {L} serve {T} from {F}"]
FILL = ["uh", "well", "yes", "okay"]
VALUES = {"F": CITIES, "T": CITIES, "D": DAYS, "L": LINES}
TAGS = ["O"] + [f"{b}-{s}" for s in VALUES for b in "BI"]


def request():
    words, tags = [], []
    for tok in rng.choice(TEMPLATES).split():
        if rng.random() < 0.08:
            words, tags = words + [rng.choice(FILL)], tags + ["O"]
        if tok.startswith("{"):
            value = rng.choice(VALUES[tok[1]]).split()
            words, tags = words + value, tags + [f"B-{tok[1]}"] + [f"I-{tok[1]}"] * (len(value) - 1)
        else:
            words, tags = words + [tok], tags + ["O"]
    return words, tags


corpus = {}
while len(corpus) < 900:
    w, t = request()
    corpus[" ".join(w)] = (w, t)
corpus = list(corpus.values())
rng.shuffle(corpus)
train, test = corpus[:700], corpus[700:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for ws, _ in corpus for w in ws}))}


class CRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.trans = nn.Parameter(torch.zeros(k, k))
        self.start = nn.Parameter(torch.zeros(k))

    def nll(self, e, y, mask):
        r = torch.arange(len(e))
        gold = self.start[y[:, 0]] + e[r, 0, y[:, 0]]
        alpha = self.start + e[:, 0]
        for t in range(1, e.size(1)):
            m = mask[:, t]
            gold = gold + m * (self.trans[y[:, t - 1], y[:, t]] + e[r, t, y[:, t]])
            new = torch.logsumexp(alpha[:, :, None] + self.trans, 1) + e[:, t]
            alpha = torch.where(m[:, None], new, alpha)
        return (torch.logsumexp(alpha, 1) - gold).mean()

    def decode(self, e):
        """one sentence, (T, K)"""
        score, back = self.start + e[0], []
        for x in e[1:]:
            best, arg = (score[:, None] + self.trans).max(0)
            score = best + x
            back.append(arg.tolist())
        path = [int(score.argmax())]
        for arg in reversed(back):
            path.append(arg[path[-1]])
        return path[::-1]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.gru = nn.GRU(24, 24, bidirectional=True, batch_first=True)
        self.out = nn.Linear(48, len(TAGS))
        self.crf = CRF(len(TAGS))

    def emissions(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), (x > 0).sum(1), batch_first=True, enforce_sorted=False)
        return self.out(nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)[0])


def tensors(rows):
    n = max(len(w) for w, _ in rows)
    x = torch.tensor([[vocab[t] for t in w] + [0] * (n - len(w)) for w, _ in rows])
    y = torch.tensor([[TAGS.index(t) for t in ts] + [0] * (n - len(ts)) for _, ts in rows])
    return x, y


def spans(tags):
    out, start = set(), None
    for i, t in enumerate(tags + ["O"]):
        if start is not None and not (t == "I-" + tags[start][2:]):
            out.add((start, i, tags[start][2:]))
            start = None
        if t.startswith("B-"):
            start = i
    return out


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
for epoch in range(6):
    model.train()
    rng.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 28):
        x, y = tensors(train[i:i + 28])
        loss = model.crf.nll(model.emissions(x), y, x > 0)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() / 25
    model.eval()
    hit = n_sys = n_gold = 0
    with torch.no_grad():
        for w, t in test:
            guess = spans([TAGS[k] for k in model.crf.decode(model.emissions(tensors([(w, t)])[0])[0])])
            gold = spans(t)
            hit, n_sys, n_gold = hit + len(guess & gold), n_sys + len(guess), n_gold + len(gold)
    print(f"epoch {epoch}: loss {total:.3f}  span F1 {2 * hit / max(1, n_sys + n_gold):.3f}")
