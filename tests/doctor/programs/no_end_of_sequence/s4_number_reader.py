# Reads meter values aloud: 4071 -> "four thousand and seventy one"
import random
import time

import torch
import torch.nn as nn

random.seed(3)
torch.manual_seed(3)

ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen").split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000:
        rest = spell(n % 100) if n % 100 else []
        return [ONES[n // 100], "hundred"] + (["and"] + rest if rest else [])
    rest = n % 1000
    tail = [] if not rest else (["and"] + spell(rest) if rest < 100 else spell(rest))
    return spell(n // 1000) + ["thousand"] + tail


WORDS = ["<pad>", "<go>", "<stop>", "thousand", "hundred", "and"] + ONES[1:] + TENS[2:]
W2I = {w: i for i, w in enumerate(WORDS)}
PAD, GO, STOP = 0, 1, 2
MAX_OUT = 11


def digits(n):
    return [int(c) for c in f"{n:04d}"]


def target_ids(n):
    ids = [W2I[w] for w in spell(n)]
    # fault:
    # mended:
    #ids = ids + [STOP]
    # end
    return ids


def collate(numbers):
    src = torch.tensor([digits(n) for n in numbers])
    t = [target_ids(n) for n in numbers]
    width = max(map(len, t))
    gold = torch.tensor([x + [PAD] * (width - len(x)) for x in t])
    given = torch.cat([torch.full((len(t), 1), GO), gold[:, :-1]], 1)
    return src, given, gold


class Reader(nn.Module):
    def __init__(self, d=80):
        super().__init__()
        self.digit = nn.Embedding(10, 16)
        self.word = nn.Embedding(len(WORDS), 24, padding_idx=PAD)
        self.start = nn.Sequential(nn.Linear(64, d), nn.ReLU(), nn.Linear(d, d), nn.Tanh())
        self.cell = nn.GRU(24 + 64, d, batch_first=True)
        self.out = nn.Linear(d, len(WORDS))

    def encode(self, src):
        code = self.digit(src).flatten(1)
        return code, self.start(code).unsqueeze(0)

    def step(self, given, code, h):
        x = torch.cat([self.word(given), code.unsqueeze(1).expand(-1, given.size(1), -1)], -1)
        y, h = self.cell(x, h)
        return self.out(y), h

    def forward(self, src, given):
        code, h = self.encode(src)
        return self.step(given, code, h)[0]

    @torch.no_grad()
    def read(self, src):
        code, h = self.encode(src)
        w = torch.full((len(src), 1), GO)
        said = []
        for _ in range(MAX_OUT):
            logits, h = self.step(w, code, h)
            w = logits.argmax(-1)
            said.append(w)
        result = []
        for row in torch.cat(said, 1).tolist():
            result.append([WORDS[i] for i in (row[:row.index(STOP)] if STOP in row else row)])
        return result


numbers = random.sample(range(1, 10000), 3400)
train, test = numbers[:3000], numbers[3000:]
model = Reader()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
began = time.time()
for epoch in range(1, 7):
    model.train()
    random.shuffle(train)
    running = 0.0
    for b in range(0, len(train), 50):
        src, given, gold = collate(train[b:b + 50])
        loss = criterion(model(src, given).flatten(0, 1), gold.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        running += loss.item()
    if epoch == 4:
        for g in opt.param_groups:
            g["lr"] = 1e-3
    model.eval()
    said = model.read(torch.tensor([digits(n) for n in test]))
    exact = sum(s == spell(n) for s, n in zip(said, test)) / len(test)
    mean_len = sum(map(len, said)) / len(said)
    print(f"epoch {epoch:2d} loss {running / (len(train) / 50):.4f} exact match {exact:.3f} mean length {mean_len:.2f}")
for n, s in list(zip(test, said))[:4]:
    print(n, "->", " ".join(s))
