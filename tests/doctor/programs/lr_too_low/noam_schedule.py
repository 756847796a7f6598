"""Sort out file paths (source, test, docs, data, build, config) with a small Transformer over path pieces, trained as in the paper."""
import random

import torch
import torch.nn as nn

random.seed(29)
torch.manual_seed(29)
KINDS = ["source", "test", "docs", "data", "build", "config"]
HINTS = {"source": ["src", "lib", "core", "pkg"], "test": ["tests", "spec", "fixtures", "mock"], "docs": ["docs", "guide", "manual", "wiki"],
         "data": ["data", "corpus", "raw", "samples"], "build": ["dist", "out", "target", "obj"], "config": ["etc", "conf", "settings", "env"]}
PLAIN = [f"{a}{b}" for a in ("user", "node", "web", "api", "db", "job", "net", "io") for b in ("", "s", "_old", "_v2", "_util")]


def path():
    k = random.randrange(len(KINDS))
    pieces = random.sample(PLAIN, random.randint(2, 6))
    hint = random.choice(HINTS[KINDS[k]]) if random.random() < 0.93 else random.choice(HINTS[random.choice(KINDS)])
    pieces.insert(random.randrange(len(pieces) + 1), hint)
    return pieces, k


vocab = {w: i + 1 for i, w in enumerate(PLAIN + [h for hs in HINTS.values() for h in hs])}
LENGTH = 7


def encode(rows):
    x = torch.zeros(len(rows), LENGTH, dtype=torch.long)
    for i, (p, _) in enumerate(rows):
        x[i, :len(p)] = torch.tensor([vocab[w] for w in p])
    return x, torch.tensor([k for _, k in rows])


class PathTransformer(nn.Module):
    def __init__(self, d_model=32, heads=4):
        super().__init__()
        self.tok = nn.Embedding(len(vocab) + 1, d_model, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(LENGTH, d_model) * 0.02)
        layer = nn.TransformerEncoderLayer(d_model, heads, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(d_model, len(KINDS))

    def forward(self, x):
        pad = x == 0
        h = self.encoder(self.tok(x) + self.pos, src_key_padding_mask=pad)
        h = h.masked_fill(pad[..., None], 0).sum(1) / (~pad).sum(1, keepdim=True)
        return self.out(h)


x, y = encode([path() for _ in range(2400)])
xv, yv = encode([path() for _ in range(600)])
model = PathTransformer()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, betas=(0.9, 0.98), eps=1e-9)
# fault:
warmup = 40000
# mended:
# warmup = 40
# end
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / warmup, (warmup / (s + 1)) ** 0.5))
step, running = 0, []
for epoch in range(7):
    model.train()
    for idx in torch.randperm(len(x)).split(48):
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        loss.backward()
        optimizer.step()
        scheduler.step()
        step += 1
        running.append(loss.item())
    model.eval()
    with torch.no_grad():
        acc = (model(xv).argmax(-1) == yv).float().mean().item()
    print(f"epoch {epoch + 1} step {step} loss {sum(running) / len(running):.3f} valid accuracy {acc:.3f}")
    running.clear()
