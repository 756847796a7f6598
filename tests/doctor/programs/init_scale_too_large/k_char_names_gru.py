"""Made-up surnames from five made-up languages: a character GRU says where a name comes from.
Port of an old Lua script, weights initialised by hand as there."""
import math
import random
import string
import time
import torch
import torch.nn as nn

random.seed(10)
torch.manual_seed(10)

LANGS = {
    "norsk": (["bj", "h", "s", "gr", "l", "k"], ["o", "a", "ei", "u"], ["sen", "rud", "vik", "dal"]),
    "ital": (["b", "r", "m", "c", "f", "g"], ["a", "o", "e", "i"], ["ini", "elli", "etti", "one"]),
    "slav": (["p", "k", "v", "z", "dm", "n"], ["e", "o", "a", "u"], ["ov", "enko", "sky", "vich"]),
    "hell": (["p", "th", "k", "d", "g", "s"], ["a", "o", "i", "e"], ["poulos", "idis", "akis", "ou"]),
    "basq": (["e", "go", "i", "a", "ur", "za"], ["tx", "r", "b", "rr"], ["ea", "zar", "ain", "oa"]),
}
ALPHA = string.ascii_lowercase


def name(lang):
    on, nu, end = LANGS[lang]
    body = "".join(random.choice(on) + random.choice(nu) for _ in range(random.randint(1, 2)))
    return body + random.choice(["", "n", "r", "l"]) + random.choice(end)


pool = {}
for _ in range(4200):
    lang = random.choice(list(LANGS))
    pool.setdefault(name(lang), list(LANGS).index(lang))
items = sorted(pool.items())
random.shuffle(items)
test, train = items[:400], items[400:2400]


class NameGRU(nn.Module):
    def __init__(self, dim=16, hidden=32):
        super().__init__()
        self.chars = nn.Embedding(len(ALPHA) + 1, dim, padding_idx=0)
        self.cell = nn.GRUCell(dim, hidden)
        self.hidden = hidden
        self.head = nn.Linear(hidden, len(LANGS))
        self.reset()

    def reset(self):
        for p in self.parameters():
            # fault:
            nn.init.normal_(p, 0.0, 5.0)
            # mended:
            # nn.init.normal_(p, 0.0, 1.0 / math.sqrt(self.hidden))
            # end
        with torch.no_grad():
            self.chars.weight[0].zero_()

    def forward(self, x):
        h = x.new_zeros(x.size(0), self.hidden, dtype=torch.float)
        for t in range(x.size(1)):
            live = (x[:, t] != 0).unsqueeze(1)
            h = torch.where(live, self.cell(self.chars(x[:, t]), h), h)
        return self.head(h)


def tensorise(rows):
    n = max(len(w) for w, _ in rows)
    return (torch.tensor([[ALPHA.index(c) + 1 for c in w] + [0] * (n - len(w)) for w, _ in rows]), torch.tensor([y for _, y in rows]))


def evaluate(rows):
    model.eval()
    x, y = tensorise(rows)
    with torch.no_grad():
        out = model(x)
    return nn.functional.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


model = NameGRU()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
print("start: loss %.3f acc %.3f" % evaluate(test))
start = time.time()
for epoch in range(1, 6):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), 40):
        x, y = tensorise(train[i:i + 40])
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
    print("epoch %d: train %.3f/%.3f  test %.3f/%.3f" % (epoch, *evaluate(train[:400]), *evaluate(test)))
print("took %.1fs" % (time.time() - start))
