"""Inbox triage: several rare flags (multi-label) and an ordered urgency from one encoder.
The two losses are weighted by learnt uncertainties (Kendall et al.), so the sum may fall below zero."""
import logging
import sys
from functools import partial

import numpy as np
import torch
from sklearn.metrics import average_precision_score, f1_score
from torch import nn
from torch.utils.data import DataLoader, Dataset

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname).1s %(message)s")
log = logging.getLogger("triage")
FLAGS = {"refund": (["money back", "refund", "charged twice", "reimburse me"], .16),
         "legal": (["my lawyer", "sue you", "court", "legal action"], .05),
         "bug": (["crashes", "error code", "does not load", "freezes"], .22),
         "praise": (["great job", "love it", "thank you so much"], .09)}
URGENCY = [["whenever you like", "no hurry", "some day"], ["this week", "by friday", "within days"],
           ["today", "by tonight", "before closing"], ["right now", "immediately", "at once"]]
CHATTER = ("hello i bought the blue one from your shop last month and my sister has seen it in town we are writing about "
           "order page account app screen item box delivery number").split()
def generate(n, rng):
    rows, seen = [], set()
    while len(rows) < n:
        flags = [rng.random() < p for _, p in FLAGS.values()]
        level = int(rng.choice(4, p=[.4, .3, .2, .1]))
        bits = [rng.choice(v) for (v, _), on in zip(FLAGS.values(), flags) if on] + [rng.choice(URGENCY[level])]
        bits += [" ".join(rng.choice(CHATTER, size=rng.integers(2, 6))) for _ in range(rng.integers(1, 4))]
        rng.shuffle(bits)
        text = " ".join(bits)
        if text not in seen:
            seen.add(text)
            rows.append((text.split(), flags, level))
    return rows
class Inbox(Dataset):
    def __init__(self, rows, vocab):
        self.items = [([vocab.get(w, 1) for w in t], f, u) for t, f, u in rows]
    def __len__(self):
        return len(self.items)
    def __getitem__(self, i):
        return self.items[i]
def collate(items, least=3):
    width = max(least, max(len(t) for t, _, _ in items))
    ids = torch.tensor([t + [0] * (width - len(t)) for t, _, _ in items])
    flags = torch.tensor([f for _, f, _ in items], dtype=torch.float)
    level = torch.tensor([u for *_, u in items])
    return ids, flags, (level[:, None] > torch.arange(3)).float()        # u>0, u>1, u>2
class Encoder(nn.Module):
    def __init__(self, n, d=24, c=48):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.conv = nn.Conv1d(d, c, 3, padding=1)
        self.drop = nn.Dropout(0.2)
        self.norm = nn.LayerNorm(c)
    def forward(self, ids):
        h = torch.relu(self.conv(self.drop(self.emb(ids)).mT)).mT
        return self.norm(h.masked_fill((ids == 0)[..., None], 0).amax(1))   # relu: 0 is the floor

class OrdinalHead(nn.Module):
    """One direction, rising thresholds."""

    def __init__(self, c):
        super().__init__()
        self.w = nn.Linear(c, 1, bias=False)
        self.first, self.gaps = nn.Parameter(torch.tensor(-2.0)), nn.Parameter(torch.full((2,), 2.0))

    def forward(self, h):
        cuts = torch.cat([self.first[None], self.first + nn.functional.softplus(self.gaps).cumsum(0)])
        return self.w(h) - cuts

class Triage(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.encoder, self.flags, self.urgency = Encoder(n), nn.Linear(48, len(FLAGS)), OrdinalHead(48)
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, ids):
        h = self.encoder(ids)
        return self.flags(h), self.urgency(h)

def joint_loss(model, out, flags, cum, pos_weight):
    a = nn.functional.binary_cross_entropy_with_logits(out[0], flags, pos_weight=pos_weight)
    b = nn.functional.binary_cross_entropy_with_logits(out[1], cum)
    each = torch.stack([a, b])
    return (each * torch.exp(-model.log_var) + 0.5 * model.log_var).sum(), each.detach()

@torch.inference_mode()
def evaluate(model, loader):
    model.eval()
    outs = [(*model(ids), f, c) for ids, f, c in loader]
    flag_logit, cum_logit, flags, cum = (torch.cat(p) for p in zip(*outs))
    level, guess = cum.sum(1), (cum_logit > 0).float().sum(1)
    return {"flags_AP": average_precision_score(flags, flag_logit, average="macro"),
            "flags_F1": f1_score(flags, flag_logit > 0, average="macro", zero_division=0),
            "urgency_acc": (level == guess).float().mean().item(), "urgency_mae": (level - guess).abs().mean().item()}

def main():
    torch.manual_seed(8)
    rows = generate(2000, np.random.default_rng(8))
    train_rows, test_rows = rows[:1600], rows[1600:]
    vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _, _ in train_rows for w in t}))}
    load = partial(DataLoader, collate_fn=collate)
    train = load(Inbox(train_rows, vocab), batch_size=28, shuffle=True)
    test = load(Inbox(test_rows, vocab), batch_size=100)
    rate = np.array([f for _, f, _ in train_rows]).mean(0)
    pos_weight = torch.tensor(((1 - rate) / rate) ** .5, dtype=torch.float)
    log.info("flag rates %s", np.round(rate, 3))
    model = Triage(len(vocab) + 2)
    opt = torch.optim.AdamW([{"params": [p for n, p in model.named_parameters() if n.split(".")[0] in ("encoder", "flags")]},
                             {"params": model.urgency.parameters(), "lr": 1e-2, "weight_decay": 0.0},
                             {"params": [model.log_var], "lr": 1e-2, "weight_decay": 0.0}], lr=3e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6 * len(train))
    for epoch in range(6):
        model.train()
        track = []
        for ids, flags, cum in train:
            loss, each = joint_loss(model, model(ids), flags, cum, pos_weight)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            track.append([loss.item(), *each.tolist()])
        log.info("epoch %d total %.3f flags %.3f urgency %.3f", epoch, *np.mean(track, 0))
    for name, part in (("train", train), ("test", test)):
        log.info("%s %s", name, {k: round(float(v), 3) for k, v in evaluate(model, part).items()})

if __name__ == "__main__":
    main()
