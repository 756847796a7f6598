"""
Slot filling for flight requests: BiGRU + linear-chain CRF (forward algorithm and Viterbi written out),
everything time-major.
"""
import random
import torch
import torch.nn as nn

SEED = 17
CITIES = [["paris"], ["rome"], ["new", "york"], ["oslo"], ["san", "jose"], ["berlin"], ["cape", "town"], ["lima"]]
DAYS = ["monday", "tuesday", "friday", "sunday"]
OPEN = ["show me flights", "i need a ticket", "book a seat", "is there a plane", "please find something"]
TAGS = ["O", "B-from", "I-from", "B-to", "I-to", "B-day"]
T2I = {t: i for i, t in enumerate(TAGS)}

def request(rnd):
    words, tags = rnd.choice(OPEN).split(), []
    tags = ["O"] * len(words)
    src, dst = rnd.sample(CITIES, 2)
    parts = [("from", src, rnd.choice([["from"], ["leaving"], ["out", "of"]])), ("to", dst, rnd.choice([["to"], ["towards"], ["arriving", "in"]]))]
    if rnd.random() < 0.5:
        parts.append(("day", [rnd.choice(DAYS)], ["on"]))
    rnd.shuffle(parts)
    for slot, value, lead in parts:
        if rnd.random() < 0.1:
            lead = ["uh"] + lead
        words += lead + value
        tags += ["O"] * len(lead) + [f"B-{slot}"] + [f"I-{slot}"] * (len(value) - 1)
    return words, [T2I[t] for t in tags]

class CRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.trans = nn.Parameter(torch.zeros(k, k))       # trans[i, j]: i is followed by j
        self.start = nn.Parameter(torch.zeros(k))

    def neg_log_likelihood(self, emit, tags, mask):        # (T, B, K), (T, B), (T, B)
        score = self.start[tags[0]] + emit[0].gather(1, tags[0][:, None]).squeeze(1)
        alpha = self.start + emit[0]
        for t in range(1, len(emit)):
            m = mask[t]
            step = self.trans[tags[t - 1], tags[t]] + emit[t].gather(1, tags[t][:, None]).squeeze(1)
            score = score + step * m
            nxt = torch.logsumexp(alpha[:, :, None] + self.trans, dim=1) + emit[t]
            alpha = torch.where(m[:, None], nxt, alpha)
        return (torch.logsumexp(alpha, dim=1) - score).mean()

    @torch.no_grad()
    def viterbi(self, emit):                               # one sentence: (T, K)
        delta, back = self.start + emit[0], []
        for e in emit[1:]:
            best, arg = (delta[:, None] + self.trans).max(dim=0)
            delta = best + e
            back.append(arg)
        path = [int(delta.argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]

class SlotFiller(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.emb = nn.Embedding(n_words, 16, padding_idx=0)
        self.rnn = nn.GRU(16, 16, bidirectional=True)
        self.emit = nn.Linear(32, len(TAGS))
        self.crf = CRF(len(TAGS))

    def emissions(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0])
        return self.emit(h)

def batchify(rows, vocab):
    rows = sorted(rows, key=lambda r: len(r[0]), reverse=True)
    lengths = torch.tensor([len(w) for w, _ in rows])
    x = torch.zeros(int(lengths[0]), len(rows), dtype=torch.long)
    y = torch.zeros_like(x)
    for b, (w, t) in enumerate(rows):
        x[:len(w), b] = torch.tensor([vocab[v] for v in w])
        y[:len(t), b] = torch.tensor(t)
    return x, y, lengths, torch.arange(len(x))[:, None] < lengths

def spans(tags):
    out, i = set(), 0
    while i < len(tags):
        name = TAGS[tags[i]]
        if name.startswith("B-"):
            j = i + 1
            while j < len(tags) and TAGS[tags[j]] == "I-" + name[2:]:
                j += 1
            out.add((name[2:], i, j))
        i += 1
    return out

def span_f1(model, rows, vocab):
    model.eval()
    x, y, lengths, _ = batchify(rows, vocab)
    with torch.no_grad():
        e = model.emissions(x, lengths)
    tp = pred = gold = 0
    for b, n in enumerate(lengths.tolist()):
        p, g = spans(model.crf.viterbi(e[:n, b])), spans(y[:n, b].tolist())
        tp, pred, gold = tp + len(p & g), pred + len(p), gold + len(g)
    return 2 * tp / max(1, pred + gold)

rnd = random.Random(SEED)
torch.manual_seed(SEED)
train = [request(rnd) for _ in range(640)]
seen = {" ".join(w) for w, _ in train}
fresh = [r for r in (request(rnd) for _ in range(400)) if " ".join(r[0]) not in seen]
dev, test = fresh[:120], fresh[120:240]
vocab = {w: i + 1 for i, w in enumerate(sorted({v for w, _ in train for v in w}))}
model = SlotFiller(len(vocab) + 1)
opt = torch.optim.Adam(model.parameters(), lr=1.5e-2)
for epoch in range(4):
    model.train()
    rnd.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        x, y, lengths, mask = batchify(train[i:i + 32], vocab)
        loss = model.crf.neg_log_likelihood(model.emissions(x, lengths), y, mask)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item()
    print(f"epoch {epoch}: nll/sentence {total / (len(train) / 32):.4f}  dev span F1 {span_f1(model, dev, vocab):.4f}")
print(f"train span F1 {span_f1(model, train[:120], vocab):.4f}  test span F1 {span_f1(model, test, vocab):.4f}")
