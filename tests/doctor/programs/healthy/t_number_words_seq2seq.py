# Exercise sheet 9: English number words -> digits, encoder/decoder with attention, greedy decoding at test time.
import random
import torch
import torch.nn as nn

random.seed(2)
torch.manual_seed(2)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000:
        return [ONES[n // 100], "hundred"] + (["and"] + spell(n % 100) if n % 100 else [])
    return spell(n // 1000) + ["thousand"] + (spell(n % 1000) if n % 1000 else [])


numbers = random.sample(range(10000), 2600)
test_n, train_n = numbers[:300], numbers[300:]
src_v = {w: i for i, w in enumerate(["<pad>", *ONES, *TENS[2:], "hundred", "and", "thousand"])}
PAD, BOS, EOS = 0, 1, 2            # target side; digits are 3..12


def make(ns):
    s = [[src_v[w] for w in spell(n)] for n in ns]
    t = [[BOS] + [int(d) + 3 for d in str(n)] + [EOS] for n in ns]
    pad = lambda rows: torch.tensor([r + [0] * (max(map(len, rows)) - len(r)) for r in rows])
    return pad(s), pad(t)


class Seq2Seq(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.src = nn.Embedding(len(src_v), d, padding_idx=PAD)
        self.tgt = nn.Embedding(13, d, padding_idx=PAD)
        self.enc = nn.GRU(d, d // 2, bidirectional=True, batch_first=True)
        self.dec = nn.GRU(d, d, batch_first=True)
        self.first = nn.Linear(d, d)
        self.out = nn.Linear(2 * d, 13)

    def encode(self, s):
        mask = s != PAD
        packed = nn.utils.rnn.pack_padded_sequence(self.src(s), mask.sum(1), batch_first=True, enforce_sorted=False)
        mem, h = self.enc(packed)
        mem, _ = nn.utils.rnn.pad_packed_sequence(mem, batch_first=True)
        return mem, mask, torch.tanh(self.first(torch.cat([h[0], h[1]], 1))).unsqueeze(0)

    def decode(self, y, h, mem, mask):
        q, h = self.dec(self.tgt(y), h)
        att = (q @ mem.transpose(1, 2) / q.size(-1) ** 0.5).masked_fill(~mask[:, None], float("-inf"))
        return self.out(torch.cat([q, att.softmax(-1) @ mem], -1)), h

    @torch.no_grad()
    def translate(self, s, limit=6):
        mem, mask, h = self.encode(s)
        y = torch.full((len(s), 1), BOS)
        words, done = [[] for _ in s], torch.zeros(len(s), dtype=torch.bool)
        for _ in range(limit):
            logits, h = self.decode(y, h, mem, mask)
            y = logits[:, -1:].argmax(-1)
            done |= y[:, 0] == EOS
            for k in (~done).nonzero()[:, 0].tolist():
                words[k].append(str(y[k].item() - 3))
        return ["".join(w) for w in words]


model = Seq2Seq()
optim = torch.optim.Adam(model.parameters(), lr=6e-3)
EPOCHS = 5
sched = torch.optim.lr_scheduler.OneCycleLR(optim, max_lr=8e-3, total_steps=EPOCHS * 46)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)


def exact(ns):
    model.eval()
    guess = model.translate(make(ns)[0])
    return sum(g == str(n) for g, n in zip(guess, ns)) / len(ns)


for epoch in range(EPOCHS):
    model.train()
    random.shuffle(train_n)
    total = 0.0
    for k in range(0, len(train_n), 50):
        s, t = make(train_n[k:k + 50])
        mem, mask, h = model.encode(s)
        logits, _ = model.decode(t[:, :-1], h, mem, mask)
        loss = criterion(logits.reshape(-1, 13), t[:, 1:].reshape(-1))
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optim.step()
        sched.step()
        total += loss.item()
    print(f"epoch {epoch + 1}: loss {total / 46:.3f}, exact train {exact(train_n[:300]):.3f}, exact test {exact(test_n):.3f}")
