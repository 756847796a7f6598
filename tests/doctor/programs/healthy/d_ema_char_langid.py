"""Language of a tweet from bytes: small CNN, label smoothing, EMA of the weights, early stopping, best weights restored."""
import copy
import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(2024)
LANGS = ("arabic", "english", "french", "german", "spanish")
WIDTH = 80


def bytes_of(text):
    b = text.replace("@user", "").strip().encode("utf-8")[:WIDTH]
    return list(b) + [0] * (WIDTH - len(b))


def load(split, limit):
    x, y = [], []
    for k, lang in enumerate(LANGS):
        p = os.path.join(os.environ["WORDFIT_DATA"], "sentiment/umsab-multilingual", lang, f"{split}_text.txt")
        with open(p, encoding="utf-8") as f:
            ts = [bytes_of(l) for l in f][:limit]
        x += ts
        y += [k] * len(ts)
    return torch.tensor(x), torch.tensor(y)


class ByteCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(256, 12, padding_idx=0)
        self.conv = nn.Conv1d(12, 40, 4)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(40, len(LANGS))

    def forward(self, x):
        h = F.relu(self.conv(self.embed(x).transpose(1, 2)))
        real = (x[:, :h.size(2)] != 0).unsqueeze(1)
        return self.fc(self.drop(h.masked_fill(~real, 0).amax(2)))


@torch.no_grad()
def evaluate(m, x, y):
    m.eval()
    out = m(x)
    return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


xt, yt = load("train", 700)
xv, yv = load("val", 80)
xs, ys = load("test", 150)
net = ByteCNN()
ema = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=5)
best, wait, keep = 1e9, 0, None
for epoch in range(5):
    net.train()
    tot = 0.0
    parts = torch.randperm(len(xt)).split(32)
    for idx in parts:
        loss = F.cross_entropy(net(xt[idx]), yt[idx], label_smoothing=0.1)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        with torch.no_grad():
            for a, p in zip(ema.parameters(), net.parameters()):
                a.lerp_(p, 0.04)
        tot += loss.item()
    sched.step()
    vl, va = evaluate(ema, xv, yv)
    print(f"epoch {epoch}: smoothed train loss {tot / len(parts):.4f} | averaged weights: val loss {vl:.4f} acc {va:.4f}")
    if vl < best - 0.01:
        best, wait, keep = vl, 0, copy.deepcopy(ema.state_dict())
    else:
        wait += 1
        if wait == 2:
            print("stopped early")
            break
ema.load_state_dict(keep)
print("train acc %.4f" % evaluate(ema, xt, yt)[1], "test acc %.4f" % evaluate(ema, xs, ys)[1])
