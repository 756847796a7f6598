"""Mini GPT on digit strings in which every digit is the sum of the two before it, mod 7.

After minGPT's "adder" demo.  What counts is the continuation of unseen prompts.
"""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1337)
MOD, BLOCK, N_EMBD, N_HEAD = 7, 12, 48, 4
device = "cuda" if torch.cuda.is_available() else "cpu"


def sequences(starts):
    seq = [starts[:, 0], starts[:, 1], starts[:, 2]]
    # third order, so that there are enough different starts to hold some out
    while len(seq) < BLOCK + 1:
        seq.append((seq[-1] + seq[-3]) % MOD)
    return torch.stack(seq, 1)


grid = torch.cartesian_prod(*[torch.arange(MOD)] * 3)
grid = grid[torch.randperm(len(grid))]
train_data = sequences(grid[60:]).to(device)
test_data = sequences(grid[:60]).to(device)


class SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(N_EMBD, 3 * N_EMBD)
        self.proj = nn.Linear(N_EMBD, N_EMBD)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, N_HEAD, C // N_HEAD).permute(2, 0, 3, 1, 4)
        # fault:
        y = F.scaled_dot_product_attention(q, k, v)
        # mended:
        # y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        # end
        return self.proj(y.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(N_EMBD), nn.LayerNorm(N_EMBD)
        self.attn = SelfAttention()
        self.mlp = nn.Sequential(nn.Linear(N_EMBD, 4 * N_EMBD), nn.GELU(), nn.Linear(4 * N_EMBD, N_EMBD))

    def forward(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    def __init__(self, n_layer=2):
        super().__init__()
        self.wte = nn.Embedding(MOD, N_EMBD)
        self.wpe = nn.Embedding(BLOCK, N_EMBD)
        self.h = nn.Sequential(*[Block() for _ in range(n_layer)])
        self.ln_f = nn.LayerNorm(N_EMBD)
        self.lm_head = nn.Linear(N_EMBD, MOD, bias=False)

    def forward(self, idx):
        x = self.wte(idx) + self.wpe(torch.arange(idx.shape[1], device=idx.device))
        return self.lm_head(self.ln_f(self.h(x)))

    @torch.no_grad()
    def generate(self, idx, n):
        for _ in range(n):
            nxt = self(idx[:, -BLOCK:])[:, -1].argmax(-1, keepdim=True)
            idx = torch.cat([idx, nxt], 1)
        return idx


model = GPT().to(device)
print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(train_data)} / {len(test_data)} sequences")
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.1)
max_iters, warmup = 260, 20
sched = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda i: (i + 1) / warmup if i < warmup else 0.5 * (1 + math.cos(math.pi * (i - warmup) / (max_iters - warmup))))


def lm_loss(seq):
    # the first two predictions cannot be known
    logits = model(seq[:, :-1])[:, 2:]
    return F.cross_entropy(logits.reshape(-1, MOD), seq[:, 3:].reshape(-1))


for it in range(max_iters):
    loss = lm_loss(train_data[torch.randint(len(train_data), (48,))])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    sched.step()
    if (it + 1) % 52 == 0:
        with torch.no_grad():
            tl = lm_loss(test_data)
        print(f"iter {it + 1}: train loss {loss.item():.4f}  test loss {tl.item():.4f}")

model.eval()
out = model.generate(test_data[:, :3], BLOCK - 2)
per_digit = (out[:, 3:] == test_data[:, 3:]).float().mean().item()
print(f"continuations of {len(out)} held-out prompts: digits right {per_digit:.3f}, "
      f"whole strings right {(out == test_data).all(1).float().mean().item():.3f}")
