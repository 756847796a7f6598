# fastai v1 text learner -> plain PyTorch.  one-cycle, discriminative learning rates, concat pooling.
import random, torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

SEED = 42
random.seed(SEED); torch.manual_seed(SEED)

good = "clean friendly quiet lovely spacious helpful tasty cheerful comfy bright".split()
bad = "dirty rude noisy awful cramped careless stale gloomy broken dark".split()
things = "room staff breakfast pool lobby bed bathroom view garden bar lift parking".split()
opener = "we stayed two nights|my wife booked it|came here for work|our third visit|we arrived late|a short city break".split("|")
filler = "and also the taxi was ordered at nine|we walked to the old town|it is near the station|the weather was grey|".split("|")


def review():
    y = random.randint(0, 1)
    toks = random.choice(opener).split()
    n = random.choice([1, 1, 1, 3])
    votes = [y] * (n // 2 + 1) + [1 - y] * (n // 2)
    random.shuffle(votes)
    for v in votes:
        neg = random.random() < 0.3
        toks += ["the", random.choice(things), "was"] + (["not"] if neg else [])
        toks.append(random.choice(good if v != neg else bad))
        if random.random() < .1:
            toks += random.choice(filler).split()
    return " ".join(toks), y


unique = {}
while len(unique) < 2400:
    t, y = review(); unique[t] = y
items = list(unique.items()); random.shuffle(items)
trn, val = items[:1900], items[1900:]
itos = ["xxpad", "xxunk"] + sorted({w for t, _ in trn for w in t.split()})
stoi = {w: i for i, w in enumerate(itos)}


def collate(b):
    b = sorted(b, key=lambda it: -len(it[0].split()))
    xs = [torch.tensor([stoi.get(w, 1) for w in t.split()]) for t, _ in b]
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor([y for _, y in b])


class Learner(nn.Module):
    def __init__(self, vocab, emb=20, nh=20):
        super().__init__()
        self.encoder = nn.Embedding(vocab, emb, padding_idx=0)
        self.rnn = nn.LSTM(emb, nh, batch_first=True)
        self.head = nn.Sequential(nn.Linear(3 * nh, 32), nn.ReLU(), nn.Dropout(.1), nn.Linear(32, 2))

    def forward(self, x, lens):
        out, (h, _) = self.rnn(pack_padded_sequence(self.encoder(x), lens, batch_first=True))
        out, _ = pad_packed_sequence(out, batch_first=True)
        m = (torch.arange(out.size(1))[None] < lens[:, None]).unsqueeze(-1)
        avg = (out * m).sum(1) / lens[:, None]
        mx = out.masked_fill(~m, float("-inf")).max(1).values
        return self.head(torch.cat([h[-1], mx, avg], 1))


learn = Learner(len(itos))
groups = [dict(params=learn.encoder.parameters()), dict(params=learn.rnn.parameters()), dict(params=learn.head.parameters())]
opt = torch.optim.AdamW(groups, lr=1e-2, weight_decay=0.01)
train_dl = DataLoader(trn, 40, shuffle=True, collate_fn=collate)
valid_dl = DataLoader(val, 200, collate_fn=collate)
EPOCHS = 4
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=[1e-2, 8e-3, 1e-2], total_steps=EPOCHS * len(train_dl))
crit = nn.CrossEntropyLoss()

print("epoch train_loss valid_loss accuracy")
for ep in range(EPOCHS):
    learn.train(); tl = 0.
    for x, l, y in train_dl:
        loss = crit(learn(x, l), y)
        loss.backward()
        nn.utils.clip_grad_norm_(learn.parameters(), 0.5)
        opt.step(); sched.step(); opt.zero_grad()
        tl += loss.item()
    learn.eval(); vl = ok = 0
    with torch.no_grad():
        for x, l, y in valid_dl:
            p = learn(x, l)
            vl += crit(p, y).item() * len(y); ok += (p.argmax(1) == y).sum().item()
    print(f"{ep:5d} {tl/len(train_dl):10.4f} {vl/len(val):10.4f} {ok/len(val):8.4f}")
