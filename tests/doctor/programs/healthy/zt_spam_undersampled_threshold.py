"""
Spam is 6 % of the mail.  Train on all spam and as many hams times three, put the prior right again afterwards,
choose the cut on the validation part (best F1), report on untouched test data.
"""
import random
import math
import torch
import torch.nn as nn

SPAMMY = "winner prize free cash urgent claim loan pills casino bonus viagra lottery offer click".split()
HAMMY = "meeting lunch report invoice project draft schedule family dinner train ticket minutes budget review".split()
NEUTRAL = ("the a to we you of and for on at in is it be will can please have your this that from with our today "
           "tomorrow now new next week time send call let know about see").split()


def mail(rng):
    spam = rng.random() < 0.06
    own, other = (SPAMMY, HAMMY) if spam else (HAMMY, SPAMMY)
    body = [rng.choice(NEUTRAL) for _ in range(rng.randint(6, 16))]
    body += [rng.choice(own) for _ in range(rng.randint(2, 4))]
    body += [rng.choice(other) for _ in range(rng.choice([0, 0, 1, 1, 2]))]
    rng.shuffle(body)
    return body, int(spam)


class MaxoutBag(nn.Module):
    def __init__(self, size, dim=8, pieces=3):
        super().__init__()
        self.bag = nn.EmbeddingBag(size, dim, mode="sum", padding_idx=0)
        nn.init.normal_(self.bag.weight, std=0.1)
        self.lin = nn.Linear(dim, dim * pieces)
        self.pieces = pieces
        self.out = nn.Linear(dim, 1)

    def forward(self, x):
        h = self.lin(self.bag(x)).view(len(x), -1, self.pieces).amax(-1)
        return self.out(h).view(-1)


def f1(p, y, cut):
    hit = p >= cut
    tp = (hit & (y == 1)).sum().item()
    return 2 * tp / max(1, hit.sum().item() + (y == 1).sum().item())


if __name__ == "__main__":
    rng = random.Random(77)
    torch.manual_seed(77)
    box = [mail(rng) for _ in range(9000)]
    parts = box[:6000], box[6000:7500], box[7500:]
    words = sorted({w for b, _ in parts[0] for w in b})
    ids = {w: i + 1 for i, w in enumerate(words)}

    def enc(part):
        n = max(len(b) for b, _ in part)
        return (torch.tensor([[ids.get(w, 0) for w in b] + [0] * (n - len(b)) for b, _ in part]),
                torch.tensor([float(y) for _, y in part]))

    spam = [m for m in parts[0] if m[1]]
    ham = [m for m in parts[0] if not m[1]]
    small = spam + rng.sample(ham, 3 * len(spam))
    rng.shuffle(small)
    shift = math.log((len(spam) / len(ham)) / (1 / 3))       # log odds that undersampling added
    print(f"{len(spam)} spam, {len(ham)} ham, trained on {len(small)}; correction {shift:.2f}")
    x, y = enc(small)
    (xv, yv), (xt, yt) = enc(parts[1]), enc(parts[2])
    model = MaxoutBag(len(ids) + 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.006, weight_decay=1e-3)

    def probs(a):
        model.eval()
        with torch.no_grad():
            return torch.sigmoid(model(a) + shift)

    for epoch in range(5):
        model.train()
        s = 0
        for i in torch.randperm(len(x)).split(48):
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            s += loss.item() * len(i)
        print(f"epoch {epoch}: loss {s / len(x):.4f}  F1 at 0.5: val {f1(probs(xv), yv, 0.5):.3f}")
    pv = probs(xv)
    cut = max((c / 50 for c in range(1, 50)), key=lambda c: f1(pv, yv, c))
    pt = probs(xt)
    print(f"cut {cut:.2f}: val F1 {f1(pv, yv, cut):.3f}  test F1 {f1(pt, yt, cut):.3f}")
    print(f"mean probability {pt.mean():.4f}, spam share {yt.mean():.4f}, test accuracy {((pt >= cut) == (yt > 0)).float().mean():.4f}")
