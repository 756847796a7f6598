"""Causal Transformer over chess moves of generated opening books; output tied to the embedding, label smoothing, warm-up."""
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(51)
torch.manual_seed(51)
BOOK = {"ruy": "e4 e5 Nf3 Nc6 Bb5 a6 Ba4 Nf6 O-O Be7 Re1 b5 Bb3 d6", "najdorf": "e4 c5 Nf3 d6 d4 cxd4 Nxd4 Nf6 Nc3 a6 Be3 e5 Nb3 Be6",
        "qgd": "d4 d5 c4 e6 Nc3 Nf6 Bg5 Be7 e3 O-O Nf3 h6 Bh4 b6", "kid": "d4 Nf6 c4 g6 Nc3 Bg7 e4 d6 Nf3 O-O Be2 e5 O-O Nc6",
        "caro": "e4 c6 d4 d5 Nc3 dxe4 Nxe4 Bf5 Ng3 Bg6 h4 h6 Nf3 Nd7", "french": "e4 e6 d4 d5 Nc3 Bb4 e5 c5 a3 Bxc3+ bxc3 Ne7 Qg4 Qc7"}
ALT = ["h3", "a4", "Qe2", "Kh1", "Rb1", "g4", "Bd2", "Qd3", "a3"]


def game():
    moves = random.choice(list(BOOK.values())).split()
    moves = moves[:random.randint(8, 14)]
    for i in range(len(moves)):
        if random.random() < 0.12:
            moves[i] = random.choice(ALT)
    return moves


games = [s.split() for s in sorted({" ".join(game()) for _ in range(4000)})]
random.shuffle(games)
games = games[:1500]
print(len(games), "different games")
vocab = {"<pad>": 0, "<g>": 1}
for g in games:
    for m in g:
        vocab.setdefault(m, len(vocab))


def tensor(gs):
    return nn.utils.rnn.pad_sequence([torch.tensor([1] + [vocab[m] for m in g] + [1]) for g in gs], batch_first=True)


train, held = tensor(games[:1250]), tensor(games[1250:])


class Block(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(b, t, 3, self.h, d // self.h).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(a.transpose(1, 2).reshape(b, t, d))
        return x + self.ff(self.ln2(x))


class LM(nn.Module):
    def __init__(self, v, d=48):
        super().__init__()
        self.tok, self.pos = nn.Embedding(v, d), nn.Embedding(32, d)
        nn.init.normal_(self.tok.weight, std=d ** -0.5)
        nn.init.normal_(self.pos.weight, std=0.02)
        self.blocks = nn.Sequential(Block(d, 4), Block(d, 4))
        self.ln = nn.LayerNorm(d)
        self.head = nn.Linear(d, v, bias=False)
        self.head.weight = self.tok.weight

    def forward(self, x):
        return self.head(self.ln(self.blocks(self.tok(x) + self.pos.weight[:x.size(1)])))


net = LM(len(vocab))
EPOCHS, BS = 9, 32
total = EPOCHS * math.ceil(len(train) / BS)
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, betas=(0.9, 0.98), weight_decay=0.01)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1, (s + 1) / 40) * 0.5 * (1 + math.cos(math.pi * s / total)))
for epoch in range(EPOCHS):
    net.train()
    run = 0.0
    for idx in torch.randperm(len(train)).split(BS):
        x = train[idx]
        loss = F.cross_entropy(net(x[:, :-1]).transpose(1, 2), x[:, 1:], ignore_index=0, label_smoothing=0.1)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        run += loss.item()
    net.eval()
    with torch.no_grad():
        out, y = net(held[:, :-1]), held[:, 1:]
        nll = F.cross_entropy(out.transpose(1, 2), y, ignore_index=0).item()
        acc = ((out.argmax(-1) == y) & (y > 0)).sum().item() / (y > 0).sum().item()
    print(f"epoch {epoch} smoothed {run * BS / len(train):.3f} held-out ppl {math.exp(nll):.2f} next move {acc:.3f}")
