"""
A tiny GPT for my music box: it reads the first notes of a tune and goes on by itself.
A tune: four of twelve notes, and three times more, each time one note higher.
"""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)

NOTES = 12
T = 16          # notes in a tune
PROMPT = 4      # notes that are given when it plays alone
D = 48


def tunes(n, seed):
    """A motif of four notes climbs the scale."""
    motifs = torch.randint(NOTES, (n, 4), generator=torch.Generator().manual_seed(seed)).unique(dim=0)
    motifs = motifs[torch.randperm(len(motifs), generator=torch.Generator().manual_seed(seed))]
    return torch.cat([(motifs + k) % NOTES for k in range(4)], dim=1)


class SelfAttention(nn.Module):
    def __init__(self, d, heads=4):
        super().__init__()
        self.h = heads
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        self.register_buffer("tril", torch.tril(torch.ones(T, T)).bool())

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = [z.view(b, t, self.h, d // self.h).transpose(1, 2) for z in self.qkv(x).chunk(3, dim=-1)]
        att = q @ k.transpose(-2, -1) / math.sqrt(d // self.h)
        # fault:
        # mended:
        # att = att.masked_fill(~self.tril[:t, :t], float("-inf"))
        # end
        y = att.softmax(-1) @ v
        return self.proj(y.transpose(1, 2).reshape(b, t, d))


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.att = SelfAttention(d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        x = x + self.att(self.n1(x))
        return x + self.mlp(self.n2(x))


class MusicBox(nn.Module):
    def __init__(self):
        super().__init__()
        self.note = nn.Embedding(NOTES, D)
        self.place = nn.Embedding(T, D)
        self.blocks = nn.Sequential(Block(D), Block(D))
        self.norm = nn.LayerNorm(D)
        self.out = nn.Linear(D, NOTES)

    def forward(self, x):
        h = self.note(x) + self.place(torch.arange(x.size(1)))
        return self.out(self.norm(self.blocks(h)))

    @torch.no_grad()
    def play(self, prompt):
        x = prompt
        while x.size(1) < T:
            x = torch.cat([x, self(x)[:, -1].argmax(-1, keepdim=True)], dim=1)
        return x


everything = tunes(2100, seed=3)
fresh, recorded = everything[:300], everything[300:]
print(len(recorded), "tunes to learn from,", len(fresh), "kept for the test")

box = MusicBox()
opt = torch.optim.AdamW(box.parameters(), lr=3e-3)
for epoch in range(3):
    box.train()
    total = 0.0
    for rows in torch.randperm(len(recorded)).split(40):
        x = recorded[rows]
        logits = box(x[:, :-1])
        loss = F.cross_entropy(logits.reshape(-1, NOTES), x[:, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(box.parameters(), 1.0)
        opt.step()
        total += loss.item() * len(rows)
    box.eval()
    alone = (box.play(fresh[:, :PROMPT])[:, PROMPT:] == fresh[:, PROMPT:]).float().mean()
    print(f"epoch {epoch + 1}: loss {total / len(recorded):.3f}   notes right when it plays alone: {alone:.1%}")
