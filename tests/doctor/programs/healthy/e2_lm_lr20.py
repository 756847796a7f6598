###############################################################################
# Word-level language model of recipe steps: plain SGD with lr 20, clipped gradients, annealed when dev stops improving, tied weights.
###############################################################################
import math, random, torch, torch.nn as nn

torch.manual_seed(1111); random.seed(1111)
ING = "onion garlic carrot leek potato butter flour sugar cream egg rice lentil tomato basil thyme salt pepper lemon apple walnut".split()
UT = {"chop": "knife", "fry": "pan", "bake": "oven", "whisk": "bowl", "boil": "pot", "grate": "board", "roast": "tray"}
ADV = {"chop": "finely", "fry": "gently", "bake": "slowly", "whisk": "briskly", "boil": "hard", "grate": "coarsely", "roast": "evenly"}


def step():
    v = random.choice(list(UT)); a = random.choice(ING)
    s = [v, "the", a]
    if random.random() < .5:
        s += ["and", "the", random.choice(ING)]
    if random.random() < .4:
        s += [ADV[v]]
    s += ["in", "a" if random.random() < .8 else "the", UT[v]] if random.random() < .7 else ["until", random.choice(["soft", "golden", "done"])]
    if random.random() < .4:
        s += ["for", random.choice("two five ten twenty".split()), "minutes"]
    return s + ["<eos>"]


def corpus(n):
    return [w for _ in range(n) for w in step()]


train_w, dev_w = corpus(6000), corpus(700)
stoi = {w: i for i, w in enumerate(sorted(set(train_w)))}
train_i, dev_i = (torch.tensor([stoi[w] for w in ws]) for ws in (train_w, dev_w))


def batchify(data, bsz):
    nb = data.size(0) // bsz
    return data[:nb * bsz].view(bsz, nb).t().contiguous()


class RNNModel(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.encoder = nn.Embedding(n, d)
        self.rnn = nn.LSTM(d, d)
        self.decoder = nn.Linear(d, n)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, hidden):
        out, hidden = self.rnn(self.drop(self.encoder(x)), hidden)
        return self.decoder(self.drop(out)), hidden


BPTT, BSZ = 20, 20
tr, dv = batchify(train_i, BSZ), batchify(dev_i, 10)
model = RNNModel(len(stoi), 64)
crit = nn.CrossEntropyLoss()
lr, best = 20.0, None


def repackage(h):
    return tuple(x.detach() for x in h)


def evaluate(src):
    model.eval(); tot = 0; h = (torch.zeros(1, src.size(1), 64),) * 2
    with torch.no_grad():
        for i in range(0, len(src) - 1, BPTT):
            n = min(BPTT, len(src) - 1 - i)
            out, h = model(src[i:i + n], h)
            tot += n * crit(out.flatten(0, 1), src[i + 1:i + 1 + n].flatten()).item()
    return tot / (len(src) - 1)


p = torch.bincount(train_i, minlength=len(stoi)).float(); p /= p.sum()
print(f"{len(stoi)} words, {len(train_i)} tokens, unigram dev ppl {math.exp(-p[dev_i].log().mean()):.2f}")
for epoch in range(1, 9):
    model.train(); tot = cnt = 0; h = (torch.zeros(1, BSZ, 64),) * 2
    for i in range(0, len(tr) - 1, BPTT):
        n = min(BPTT, len(tr) - 1 - i)
        h = repackage(h)
        model.zero_grad()
        out, h = model(tr[i:i + n], h)
        loss = crit(out.flatten(0, 1), tr[i + 1:i + 1 + n].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        for q in model.parameters():
            q.data.add_(q.grad, alpha=-lr)
        tot += loss.item() * n; cnt += n
    val = evaluate(dv)
    print(f"| epoch {epoch} | lr {lr:6.3f} | train ppl {math.exp(tot / cnt):7.2f} | dev ppl {math.exp(val):7.2f}")
    if best is None or val < best - 0.01:
        best = val
    else:
        lr /= 4.0
