# Which language is this tweet in?  Raw UTF-8 bytes, no tokenizer, no nn.Module.
import os
import random
import re
import torch
import torch.nn.functional as F

random.seed(64); torch.manual_seed(64)
BASE = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
WIDTH = 64          # bytes looked at; plenty to tell a language


def clean(s):
    s = re.sub(r"http\S*|@\w+|#\w+", " ", s.lower())
    return re.sub(r"\s+", " ", s).strip()


def load(split, per_lang, skip=frozenset()):
    out = {}
    for k, lang in enumerate(LANGS):
        n = 0
        with open(f"{BASE}/{lang}/{split}_text.txt", encoding="utf-8") as fh:
            for line in fh:
                b = clean(line).encode("utf-8")[:WIDTH]
                if len(b) < 30 or b in skip or b in out:
                    continue
                out[b] = k
                n += 1
                if n == per_lang:
                    break
    return list(out.items())


train = load("train", 600)
valid = load("val", 150, skip={b for b, _ in train})


def batchify(rows):
    w = max(len(b) for b, _ in rows)
    ids = torch.zeros(len(rows), w, dtype=torch.long)          # byte 0 never occurs in the text
    for i, (b, _) in enumerate(rows):
        ids[i, :len(b)] = torch.tensor(list(b))
    return ids, torch.tensor([k for _, k in rows])


def he(*shape, fan):
    return torch.randn(*shape) * (2 / fan) ** .5


D, C = 12, 40
theta = {
    "bytes": torch.randn(256, D) * .4,
    "k3": he(C, D, 3, fan=D * 3), "k3b": torch.zeros(C),
    "k5": he(C, D, 5, fan=D * 5), "k5b": torch.zeros(C),
    "out": he(len(LANGS), 2 * C, fan=4 * C), "outb": torch.zeros(len(LANGS)),
}
for t in theta.values():
    t.requires_grad_()


def apply(th, ids, drop=0.):
    real = (ids != 0).unsqueeze(1)
    e = th["bytes"][ids].transpose(1, 2) * real
    feats = []
    for name, pad in (("k3", 1), ("k5", 2)):
        c = F.conv1d(e, th[name], th[name + "b"], padding=pad)
        feats.append(F.relu(c.masked_fill(~real, -1e9).amax(-1)))
    f = F.dropout(torch.cat(feats, 1), drop, training=drop > 0)
    return F.linear(f, th["out"], th["outb"])


vx, vy = batchify(valid)
opt = torch.optim.AdamW(theta.values(), lr=4e-3, weight_decay=0.02)
EPOCHS, BS = 7, 50
plan = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, EPOCHS * (len(train) // BS + 1))
for epoch in range(EPOCHS):
    random.shuffle(train)
    tot = hit = 0
    for i in range(0, len(train), BS):
        x, y = batchify(train[i:i + BS])
        z = apply(theta, x, drop=.5)
        loss = F.cross_entropy(z, y, label_smoothing=.05)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        plan.step()
        tot += loss.item() * len(y)
        hit += (z.argmax(1) == y).sum().item()
    with torch.inference_mode():
        z = apply(theta, vx)
    print(f"{epoch} train {tot / len(train):.3f} acc(dropout on) {hit / len(train):.3f} | "
          f"valid {F.cross_entropy(z, vy, label_smoothing=.05):.3f} acc {(z.argmax(1) == vy).float().mean():.4f}")

for k, lang in enumerate(LANGS):
    print(f"{lang:<11} recall {(z.argmax(1)[vy == k] == k).float().mean():.3f}")
