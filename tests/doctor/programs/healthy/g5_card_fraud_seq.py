"""Fraud on card histories: a sequence of merchant codes, 6 % positives, weighted loss, average precision and F1."""
import argparse
import random

import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score
from torch.nn.utils.rnn import pack_sequence

MCC = ["grocery", "fuel", "cafe", "pharmacy", "rent", "gym", "cinema", "train", "books", "clothes",
       "atm", "giftcard", "crypto", "casino", "jewelry", "wire", "electronics", "travel"]
CODE = {m: i for i, m in enumerate(MCC)}
USUAL, RISKY = MCC[:10], MCC[10:]


def history(rng, fraud):
    n = rng.randint(6, 18)
    h = [rng.choice(USUAL) if rng.random() < 0.8 else rng.choice(RISKY) for _ in range(n)]
    if fraud:   # probing with a small purchase, then cashing out
        at = rng.randrange(0, n - 3)
        h[at:at + 4] = [rng.choice(["cafe", "fuel"])] + [rng.choice(["giftcard", "crypto", "wire", "jewelry"]) for _ in range(3)]
    return tuple(CODE[m] for m in h)


def build(n, seed):
    rng = random.Random(seed)
    out = {}
    while len(out) < n:
        y = int(rng.random() < 0.06)
        out[history(rng, y)] = y
    return list(out.items())


class FraudGRU(nn.Module):
    def __init__(self, emb=10, hid=24):
        super().__init__()
        self.emb = nn.Embedding(len(MCC), emb)
        self.gru = nn.GRU(emb, hid)
        self.head = nn.Linear(hid, 1)
        nn.init.constant_(self.head.bias, 0.0)

    def forward(self, seqs):
        packed = pack_sequence(seqs, enforce_sorted=False)
        emb = packed._replace(data=self.emb(packed.data))
        _, h = self.gru(emb)
        return self.head(h[-1]).squeeze(-1)


def main(a):
    torch.manual_seed(a.seed)
    rows = build(4400, a.seed)
    train, test = rows[:3400], rows[3400:]
    tx, ty = [torch.tensor(s) for s, _ in train], torch.tensor([float(y) for _, y in train])
    ex, ey = [torch.tensor(s) for s, _ in test], torch.tensor([float(y) for _, y in test])
    pos_weight = ((ty == 0).sum() / ty.sum()).sqrt()
    print(f"train {len(tx)} ({int(ty.sum())} fraud)  test {len(ex)} ({int(ey.sum())} fraud)  pos_weight {pos_weight:.2f}")

    model = FraudGRU()
    crit = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    opt = torch.optim.Adam(model.parameters(), lr=a.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, a.epochs)
    for ep in range(a.epochs):
        model.train()
        perm = torch.randperm(len(tx)).tolist()
        tot = 0.0
        for i in range(0, len(perm), a.batch):
            b = perm[i:i + a.batch]
            loss = crit(model([tx[j] for j in b]), ty[b])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            tot += loss.item() * len(b)
        sched.step()
        model.eval()
        with torch.no_grad():
            logit = model(ex)
            vl = crit(logit, ey).item()
        p = torch.sigmoid(logit).numpy()
        print(f"epoch {ep} loss {tot / len(tx):.3f} test loss {vl:.3f} AUC {roc_auc_score(ey, p):.3f} AP {average_precision_score(ey, p):.3f}")
    print(f"F1 of the fraud class at 0.5: {f1_score(ey, p > 0.5):.3f} (flag everything: {2 * ey.mean() / (1 + ey.mean()):.3f})")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=6)
    ap.add_argument("--batch", type=int, default=96)
    ap.add_argument("--lr", type=float, default=1e-2)
    ap.add_argument("--seed", type=int, default=4)
    main(ap.parse_args())
