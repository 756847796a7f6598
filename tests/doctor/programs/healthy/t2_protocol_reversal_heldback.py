"""Undo scripts: given the operations of a session, write the undo operations in
reverse order. Encoder-decoder with hand-written recurrence and attention, trained
with the true history, tested by letting it write on its own until STOP."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

PAD, GO, STOP = 0, 1, 2
OPS = 12                      # operation k is 3 + k, its undo is 3 + (k * 5 + 1) % 12
MAXLEN = 6


def undo(seq):
    return [3 + ((c - 3) * 5 + 1) % OPS for c in reversed(seq)]


def make(n, seed):
    r, rows = random.Random(seed), set()
    while len(rows) < n:
        rows.add(tuple(3 + r.randrange(OPS) for _ in range(r.randint(3, MAXLEN))))
    rows = sorted(rows)
    r.shuffle(rows)
    src = torch.zeros(n, MAXLEN, dtype=torch.long)
    dst = torch.zeros(n, MAXLEN + 1, dtype=torch.long)
    for i, s in enumerate(rows):
        src[i, :len(s)] = torch.tensor(s)
        dst[i, :len(s) + 1] = torch.tensor(undo(s) + [STOP])
    return src, dst


class Step(nn.Module):
    """One gated update of a state."""

    def __init__(self, n_in, n):
        super().__init__()
        self.gate = nn.Linear(n_in + n, n)
        self.cand = nn.Linear(n_in + n, n)

    def forward(self, x, s):
        u = torch.cat([x, s], -1)
        g = torch.sigmoid(self.gate(u))
        return g * s + (1 - g) * torch.tanh(self.cand(u))


class Undoer(nn.Module):
    def __init__(self, dim=20, hid=48):
        super().__init__()
        self.read = nn.Embedding(3 + OPS, dim, padding_idx=PAD)
        self.place = nn.Parameter(0.3 * torch.randn(MAXLEN, dim))
        self.write = nn.Embedding(3 + OPS, dim)
        self.enc = Step(dim, hid)
        self.dec = Step(dim + hid, hid)
        self.key = nn.Linear(hid + dim, hid)
        self.out = nn.Linear(2 * hid, 3 + OPS)

    def encode(self, src):
        x = self.read(src) + self.place
        s = x.new_zeros(len(src), self.key.out_features)
        notes = []
        for t in range(src.shape[1]):
            s = torch.where((src[:, t] != PAD).unsqueeze(1), self.enc(x[:, t], s), s)
            notes.append(s)
        notes = torch.stack(notes, 1)
        return notes, self.key(torch.cat([notes, x], -1)), src == PAD, s

    def advance(self, token, ctx, s, memory):
        notes, keys, empty, _ = memory
        s = self.dec(torch.cat([self.write(token), ctx], -1), s)
        a = (keys @ s.unsqueeze(-1)).squeeze(-1) / keys.shape[-1] ** 0.5
        a = a.masked_fill(empty, float("-inf")).softmax(-1)
        ctx = (a.unsqueeze(-1) * keys).sum(1)
        return self.out(torch.cat([s, ctx], -1)), ctx, s

    def forward(self, src, dst):
        memory = self.encode(src)
        s, ctx = memory[3], torch.zeros_like(memory[3])
        history = torch.cat([torch.full_like(dst[:, :1], GO), dst[:, :-1]], 1)
        rows = []
        for t in range(dst.shape[1]):
            z, ctx, s = self.advance(history[:, t], ctx, s, memory)
            rows.append(z)
        return torch.stack(rows, 1)

    @torch.no_grad()
    def produce(self, src):
        memory = self.encode(src)
        s, ctx = memory[3], torch.zeros_like(memory[3])
        token, done = torch.full((len(src),), GO), torch.zeros(len(src), dtype=torch.bool)
        rows = []
        for _ in range(MAXLEN + 1):
            z, ctx, s = self.advance(token, ctx, s, memory)
            token = z.argmax(-1).masked_fill(done, PAD)
            done = done | (token == STOP)
            rows.append(token)
        return torch.stack(rows, 1)


def exact(net, src, dst):
    net.eval()
    good = (net.produce(src) == dst).all(1).float().mean().item()
    net.train()
    return good


if __name__ == "__main__":
    torch.manual_seed(2)
    src, dst = make(4400, 2)
    net = Undoer()
    opt = torch.optim.Adam(net.parameters(), lr=6e-3)
    for epoch in range(4):
        for g in opt.param_groups:
            g["lr"] = 6e-3 * (1 - epoch / 4)
        total = 0.0
        for p in torch.randperm(4000).split(64):
            loss = F.cross_entropy(net(src[p], dst[p]).flatten(0, 1), dst[p].flatten(), ignore_index=PAD)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            total += loss.item() * len(p)
        print(f"epoch {epoch + 1:2d} loss {total / 4000:.4f} whole scripts right {exact(net, src[4000:], dst[4000:]):.3f}")
    print(f"trained scripts {exact(net, src[:400], dst[:400]):.3f}, new scripts {exact(net, src[4000:], dst[4000:]):.3f}")
