# Bengio-style character model on one long string; the first 90 % is for training, the end is for validation.
import gzip, math, os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1337)
block_size, n_embd, n_hidden = 6, 12, 64

text = gzip.open(os.path.join(os.environ['WORDFIT_DATA'], 'corpora', 'brown.txt.gz'), 'rt', encoding='utf-8').read(500000).lower()
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
data = torch.tensor([stoi[c] for c in text])
n = int(0.9 * len(data))
splits = {'train': data[:n], 'val': data[n:]}
windows = {k: v.unfold(0, block_size + 1, 1) for k, v in splits.items()}       # views, (N, block_size + 1)

model = nn.Sequential(nn.Embedding(len(chars), n_embd), nn.Flatten(), nn.Linear(block_size * n_embd, n_hidden), nn.Tanh(), nn.Linear(n_hidden, len(chars)))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
max_iters = 750
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=max_iters)


@torch.no_grad()
def estimate_loss():
    model.eval()
    out = {}
    for k, w in windows.items():
        w = w[:: max(1, len(w) // 8000)]
        out[k] = F.cross_entropy(model(w[:, :-1]), w[:, -1]).item()
    model.train()
    return out


for it in range(max_iters + 1):
    if it % 150 == 0:
        l = estimate_loss()
        print(f"step {it}: train {l['train']:.3f}, val {l['val']:.3f}, val bits/char {l['val'] / math.log(2):.3f}")
    if it == max_iters:
        break
    ix = torch.randint(len(windows['train']), (256,))
    xb, yb = windows['train'][ix, :-1], windows['train'][ix, -1]
    loss = F.cross_entropy(model(xb), yb)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    schedule.step()

unigram = torch.bincount(splits['train'], minlength=len(chars)).float() + 1
unigram = (unigram / unigram.sum()).log()
print(f"unigram baseline on val: {-unigram[splits['val']].mean():.3f}")
