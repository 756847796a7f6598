# Pretrain a small masked language model on headlines, then freeze it and learn only adapters:
# classification is a filled-in template, "<text> . section : [MASK]", read off at the words of the sections.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(23)
torch.manual_seed(23)

FIELD = {
    "sport": "coach goal league striker match season referee cup stadium trainer transfer penalty winger derby".split(),
    "money": "bank shares profit market bond investor inflation merger loan dividend tax trader budget broker".split(),
    "science": "laboratory galaxy genome protein telescope fossil vaccine neuron laser climate orbit enzyme theory reactor".split(),
    "culture": "novel opera gallery festival actor painter museum poet director album sculpture premiere ballet choir".split(),
}
FILL = "new report after says over big in first for to from as with early plan city expert monday year why".split()
SECTIONS = list(FIELD)
ITOS = ["[PAD]", "[MASK]", ".", "section", ":"] + SECTIONS + FILL + [w for ws in FIELD.values() for w in ws]
STOI = {w: i for i, w in enumerate(ITOS)}


def headline(k):
    w = random.choices(FILL, k=random.randint(3, 5)) + random.choices(FIELD[SECTIONS[k]], k=random.randint(2, 4))
    if random.random() < 0.15:
        w += random.choices(FIELD[random.choice(SECTIONS)], k=1)
    random.shuffle(w)
    return w


def pad(rows):
    n = max(map(len, rows))
    return torch.tensor([[STOI[w] for w in r] + [0] * (n - len(r)) for r in rows])


class Adapter(nn.Module):
    def __init__(self, dim, inner=8):
        super().__init__()
        self.down, self.up = nn.Linear(dim, inner), nn.Linear(inner, dim)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, x):
        return x + self.up(F.gelu(self.down(x)))


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.att = nn.MultiheadAttention(dim, 2, batch_first=True)
        self.ff = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))
        self.n1, self.n2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.after_att, self.after_ff = nn.Identity(), nn.Identity()

    def forward(self, x, gone):
        q = self.n1(x)
        x = x + self.after_att(self.att(q, q, q, key_padding_mask=gone, need_weights=False)[0])
        return x + self.after_ff(self.ff(self.n2(x)))


class MaskedLM(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.tok = nn.Embedding(len(ITOS), dim, padding_idx=0)
        self.pos = nn.Embedding(24, dim)
        for e in (self.tok, self.pos):
            nn.init.normal_(e.weight, std=0.2)
        with torch.no_grad():
            self.tok.weight[0] = 0
        self.blocks = nn.ModuleList([Block(dim)])
        self.norm = nn.LayerNorm(dim)
        self.bias = nn.Parameter(torch.zeros(len(ITOS)))

    def forward(self, x):
        gone = x == 0
        h = self.tok(x) + self.pos(torch.arange(x.size(1)))
        for b in self.blocks:
            h = b(h, gone)
        return self.norm(h) @ self.tok.weight.t() + self.bias          # tied


model = MaskedLM()
WORDS = torch.tensor([STOI[s] for s in SECTIONS])

# --- 1. pretraining: every headline is new; most of them carry their section
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
STEPS = 500
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / 40) * (1 - 0.9 * s / STEPS))
run = 0.0
for step in range(STEPS):
    rows = []
    for _ in range(48):
        k = random.randrange(4)
        rows.append(headline(k) + [".", "section", ":"] + [SECTIONS[k]] if random.random() < 0.7 else headline(k) + ["."])
    x = pad(rows)
    hide = (torch.rand(x.shape) < 0.2) & (x > 0)
    hide |= torch.isin(x, WORDS) & (torch.rand(len(x), 1) < 0.6)     # sections more often than words
    loss = F.cross_entropy(model(x.masked_fill(hide, 1))[hide], x[hide])
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    sched.step()
    run += loss.item()
    if step % 100 == 99:
        print(f"pretraining {step + 1}: masked loss {run / 100:.4f}")
        run = 0.0

# --- 2. the task: filled-in template, frozen encoder, adapters only. The sections of this paper are named otherwise:
# its "culture" desk takes what the others would file under science, and the other way round.
DESK = [0, 1, 3, 2]
model.requires_grad_(False)
for b in model.blocks:
    b.after_att, b.after_ff = Adapter(32), Adapter(32)
seen, labelled = set(), []
while len(labelled) < 1400:
    k = random.randrange(4)
    h = headline(k)
    if tuple(h) not in seen:
        seen.add(tuple(h))
        labelled.append((h + [".", "section", ":", "[MASK]"], DESK[k]))
train, dev, test = labelled[:600], labelled[600:1000], labelled[1000:]


def answer(rows):
    x = pad([r[0] for r in rows])
    return model(x)[x == 1][:, WORDS], torch.tensor([r[1] for r in rows])


def accuracy(rows):
    model.eval()
    with torch.no_grad():
        z, y = answer(rows)
    model.train()
    return (z.argmax(1) == y).float().mean().item()


tuned = [p for p in model.parameters() if p.requires_grad]
print(f"{sum(p.numel() for p in tuned)} of {sum(p.numel() for p in model.parameters())} weights are tuned; "
      f"before: dev {accuracy(dev):.3f}")
opt = torch.optim.Adam(tuned, lr=4e-3)
for epoch in range(8):
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 30):
        z, y = answer(train[k:k + 30])
        loss = F.cross_entropy(z, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"epoch {epoch + 1}: loss {total / 20:.4f}  train {accuracy(train):.3f}  dev {accuracy(dev):.3f}  test {accuracy(test):.3f}")
