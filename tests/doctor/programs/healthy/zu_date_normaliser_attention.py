# "7th of march, 1994" -> "1994-03-07": character seq2seq of fixed output length, GRU decoder with dot attention
import random, datetime as dt
import torch
from torch import nn

random.seed(21); torch.manual_seed(21)
MONTHS = "january february march april may june july august september october november december".split()

def variant(d):
    m, y, k = MONTHS[d.month - 1][:3], d.year, d.day
    return random.choice([f"{k} {m} {y}", f"{m} {k} {y}", f"{y} {m} {k}"])

days = [dt.date(1980, 1, 1) + dt.timedelta(i) for i in random.sample(range(15000), 2900)]
pairs = [(variant(d), d.strftime("%m%d")) for d in days]        # month and day; the year only distracts
train, test = pairs[:2500], pairs[2500:]
chars = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz0123456789 ")}
BOS = 10

def tensorise(rows):
    width = max(len(s) for s, _ in rows)
    src = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        src[i, :len(s)] = torch.tensor([chars[c] for c in s])
    return src, torch.tensor([[int(c) for c in t] for _, t in rows])

class Normaliser(nn.Module):
    def __init__(self, h=40):
        super().__init__()
        self.src = nn.Embedding(len(chars) + 1, 24, padding_idx=0)
        self.enc = nn.GRU(24, h // 2, batch_first=True, bidirectional=True)
        self.tgt = nn.Embedding(11, 24)
        self.cell = nn.GRUCell(24 + h, h)
        self.start = nn.Linear(h, h)
        self.out = nn.Linear(2 * h, 10)

    def forward(self, src, tgt=None):
        """forced with tgt while training; on its own guesses otherwise"""
        mask = src != 0
        packed = nn.utils.rnn.pack_padded_sequence(self.src(src), mask.sum(1), batch_first=True, enforce_sorted=False)
        packed, final = self.enc(packed)
        memory, _ = nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
        state = torch.tanh(self.start(torch.cat([final[0], final[1]], 1)))
        token = torch.full((len(src),), BOS)
        context = torch.zeros_like(state)
        logits = []
        for t in range(4):
            state = self.cell(torch.cat([self.tgt(token), context], 1), state)
            energy = (memory @ state.unsqueeze(2)).squeeze(2).masked_fill(~mask, -1e9)
            context = (energy.softmax(1).unsqueeze(1) @ memory).squeeze(1)
            logits.append(self.out(torch.cat([state, context], 1)))
            token = logits[-1].argmax(1) if tgt is None else tgt[:, t]
        return torch.stack(logits, 1)

def exact(rows):
    net.eval()
    with torch.no_grad():
        src, tgt = tensorise(rows)
        return (net(src).argmax(2) == tgt).all(1).float().mean().item()

net = Normaliser()
EPOCHS, B = 4, 50
opt = torch.optim.Adam(net.parameters())
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-2, total_steps=EPOCHS * len(train) // B)
for epoch in range(EPOCHS):
    net.train()
    random.shuffle(train)
    running = 0
    for i in range(0, len(train), B):
        src, tgt = tensorise(train[i:i + B])
        loss = nn.functional.cross_entropy(net(src, tgt).flatten(0, 1), tgt.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step(); sched.step()
        running += loss.item()
    print(f"epoch {epoch + 1}: loss {running * B / len(train):.4f}  test exact {exact(test):.3f}")
print(f"train exact {exact(train[:500]):.3f}")
for s, t in test[:3]:
    print(s, "->", "".join(map(str, net(tensorise([(s, t)])[0]).argmax(2)[0].tolist())), "truth", t)
