"""Shorten sentences to headlines; a few are long, so batches are mostly padding."""
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(83)
torch.manual_seed(83)
WHO = "minister mayor singer union senator coach pilot bishop actor judge".split()
DID = "resigns wins sues praises quits warns visits rejects".split()
WHAT = "deal vote rival club tax law award strike critics plan".split()
NOISE = "today the a yesterday reportedly in public after all on friday".split()


def story():
    key = [random.choice(WHO), random.choice(DID), random.choice(WHAT)]
    if random.random() < 0.06:
        for _ in range(5):
            key += ["and", random.choice(DID), random.choice(WHAT)]
    src = []
    for w in key:
        src += random.choices(NOISE, k=random.randint(0, 1)) + [w]
    return src, key


vocab = {w: i for i, w in enumerate(["<pad>", "<s>", "</s>", "and"] + WHO + DID + WHAT + NOISE)}
MAX_SRC, MAX_TGT = 36, 20


def fixed(tokens, n):
    return [vocab[t] for t in tokens] + [0] * (n - len(tokens))


def make(n):
    rows = [story() for _ in range(n)]
    src = torch.tensor([fixed(s, MAX_SRC) for s, _ in rows])
    tgt = torch.tensor([fixed(["<s>"] + t + ["</s>"], MAX_TGT) for _, t in rows])
    return src, tgt


class Headline(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d, padding_idx=0)
        self.enc = nn.GRU(d, d, batch_first=True)
        self.dec = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(2 * d, len(vocab))

    def encode(self, src):
        n = (src != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), n, batch_first=True, enforce_sorted=False)
        mem, h = self.enc(packed)
        mem, _ = nn.utils.rnn.pad_packed_sequence(mem, batch_first=True, total_length=src.size(1))
        return mem, h, src == 0

    def decode(self, tokens, mem, h, pad):
        o, h = self.dec(self.emb(tokens), h)
        w = (o @ mem.transpose(1, 2)).masked_fill(pad.unsqueeze(1), -1e9).softmax(-1)
        return self.out(torch.cat([o, w @ mem], -1)), h

    def forward(self, src, tgt):
        return self.decode(tgt, *self.encode(src))[0]


model = Headline()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for step in range(1, 81):
    src, tgt = make(32)
    logits = model(src, tgt[:, :-1])
    # fault:
    loss = F.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten())
    # mended:
    # loss = F.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten(), ignore_index=0)
    # end
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if step % 20 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    src, tgt = make(150)
    mem, h, pad = model.encode(src)
    tok, out = tgt[:, :1], []
    for _ in range(MAX_TGT - 1):
        logits, h = model.decode(tok, mem, h, pad)
        tok = logits.argmax(-1)
        out.append(tok)
    out, goal = torch.cat(out, 1), tgt[:, 1:]
print("correct words in decoded headlines", round((out == goal)[goal != 0].float().mean().item(), 4))
