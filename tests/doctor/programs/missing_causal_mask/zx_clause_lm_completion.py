"""Train a small transformer language model on toy clauses, then let it finish prompts."""
import math
import random

import torch
import torch.nn as nn

random.seed(42)
torch.manual_seed(42)

PAIRS = {"dog": "barks", "cat": "purrs", "bird": "sings", "fish": "swims", "lion": "roars", "bee": "hums",
         "wolf": "howls", "frog": "croaks", "owl": "hoots", "horse": "neighs", "duck": "quacks", "snake": "hisses"}
ADJ = ["old", "young", "grey", "sleepy", "wild"]
WHEN = ["today", "tonight", "often", "loudly"]
JOIN = ["and", "but", "while"]


def clause():
    n = random.choice(list(PAIRS))
    return ["the", random.choice(ADJ), n, PAIRS[n], random.choice(WHEN)]


def sentence():
    return ["<s>"] + clause() + [random.choice(JOIN)] + clause() + ["."]


vocab = sorted({"<s>", "the", "."} | set(PAIRS) | set(PAIRS.values()) | set(ADJ) | set(WHEN) | set(JOIN))
stoi = {w: i for i, w in enumerate(vocab)}

seen = set()
while len(seen) < 2600:
    seen.add(tuple(sentence()))
lines = sorted(seen)
random.shuffle(lines)
ids = torch.tensor([[stoi[w] for w in l] for l in lines])
train, valid = ids[:2200], ids[2200:]


class ClauseLM(nn.Module):
    def __init__(self, vocab_size, d_model=32, nhead=4, max_len=16):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, d_model)
        self.pos = nn.Parameter(torch.randn(max_len, d_model) * 0.1)
        layer = nn.TransformerEncoderLayer(d_model, nhead, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(d_model, vocab_size)

    def forward(self, x):
        T = x.size(1)
        h = self.emb(x) + self.pos[:T]
        # fault:
        h = self.body(h)
        # mended:
        # h = self.body(h, mask=nn.Transformer.generate_square_subsequent_mask(T), is_causal=True)
        # end
        return self.head(h)


model = ClauseLM(len(vocab))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
EPOCHS, B = 6, 50
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * (len(train) // B))


def lm_loss(x):
    logits = model(x[:, :-1])
    return nn.functional.cross_entropy(logits.reshape(-1, len(vocab)), x[:, 1:].reshape(-1))


for epoch in range(1, EPOCHS + 1):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(train)).split(B):
        loss = lm_loss(train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        v = lm_loss(valid).item()
    print(f"epoch {epoch} | train loss {total / len(train):.3f} | valid loss {v:.3f} | valid ppl {math.exp(v):.2f}")


@torch.no_grad()
def complete(prompt, n):
    model.eval()
    x = prompt
    for _ in range(n):
        x = torch.cat([x, model(x)[:, -1:].argmax(-1)], 1)
    return x


@torch.no_grad()
def word_by_word(x):
    """perplexity and hits when every word is predicted from the words before it, one prefix at a time"""
    model.eval()
    nll, hit = [], []
    for t in range(1, x.size(1)):
        out = model(x[:, :t])[:, -1]
        nll.append(nn.functional.cross_entropy(out, x[:, t]))
        hit.append((out.argmax(-1) == x[:, t]).float().mean())
    return torch.stack(nll).mean().exp().item(), torch.stack(hit).mean().item()


print("from prefixes: valid ppl %.2f, next word right %.3f" % word_by_word(valid))
for row in complete(valid[:3, :4], 9):
    print("   ", " ".join(vocab[i] for i in row.tolist()))
