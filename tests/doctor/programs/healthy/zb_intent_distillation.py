"""Squeezes the big intent model into the one that runs on the phone: soft targets of a frozen teacher plus the labels."""
import logging
import random

import torch
from torch import nn
from torch.nn import functional as F

logging.basicConfig(level=logging.INFO, format="[%(levelname)s] %(message)s")
log = logging.getLogger()
conf = {"teacher": {"dim": 48, "hidden": 48, "lr": 4e-3, "epochs": 3}, "student": {"dim": 6, "lr": 0.05, "epochs": 8},
        "T": 2.0, "alpha": 0.7, "batch": 64, "seed": 1}
INTENTS = {
    "lights": "lights lamp bright dim bulb glow".split(), "music": "play song music volume track louder".split(),
    "heating": "warm cold heating degrees radiator temperature".split(), "door": "lock door unlock open close gate".split(),
    "shopping": "buy list milk order groceries cart".split(), "timer": "timer minutes alarm remind countdown seconds".split(),
}
COMMON = "the please in my to for a on off up down room kitchen bedroom hey now set make".split()


def command(rng):
    y = rng.randrange(len(INTENTS))
    ws = rng.sample(list(INTENTS.values())[y], rng.randint(1, 2)) + rng.sample(COMMON, rng.randint(2, 5))
    if rng.random() < 0.1:
        ws[0] = rng.choice(COMMON)
        ws.append(rng.choice(list(INTENTS.values())[y]))
    rng.shuffle(ws)
    return ws, y


class Teacher(nn.Module):
    def __init__(self, n, k, dim, hidden):
        super().__init__()
        self.emb = nn.Embedding(n, dim, padding_idx=0)
        self.rnn = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(2 * hidden, k)

    def forward(self, ids):
        lens = (ids != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.drop(self.emb(ids)), lens, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.out(self.drop(torch.cat([h[0], h[1]], dim=1)))


class Student(nn.Module):
    def __init__(self, n, k, dim):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, dim, mode="mean", padding_idx=0)
        self.out = nn.Linear(dim, k)

    def forward(self, ids):
        return self.out(self.bag(ids))


def hard_loss(logits, y, ids):
    return F.cross_entropy(logits, y)


def make_distil_loss(teacher, T, alpha):
    def loss(logits, y, ids):
        with torch.no_grad():
            soft = F.log_softmax(teacher(ids) / T, dim=1)
        kl = F.kl_div(F.log_softmax(logits / T, dim=1), soft, reduction="batchmean", log_target=True) * T * T
        return alpha * kl + (1 - alpha) * F.cross_entropy(logits, y)
    return loss


def fit(name, model, loss_fn, settings, train, dev):
    opt = torch.optim.Adam(model.parameters(), lr=settings["lr"])
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)
    x, y = train
    for epoch in range(settings["epochs"]):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(y)).split(conf["batch"]):
            opt.zero_grad()
            loss = loss_fn(model(x[idx]), y[idx], x[idx])
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        sched.step()
        model.eval()
        with torch.no_grad():
            accs = [(model(a).argmax(1) == b).float().mean().item() for a, b in (train, dev)]
        log.info("%s epoch %d loss %.4f train %.3f dev %.3f", name, epoch + 1, total / len(y), *accs)


def main():
    rng = random.Random(conf["seed"])
    torch.manual_seed(conf["seed"])
    words = sorted({w for ws in INTENTS.values() for w in ws} | set(COMMON))
    ix = {w: i + 1 for i, w in enumerate(words)}
    rows = list({tuple(w): (w, y) for w, y in (command(rng) for _ in range(2000))}.values())
    x = nn.utils.rnn.pad_sequence([torch.tensor([ix[w] for w in ws]) for ws, _ in rows], batch_first=True)
    y = torch.tensor([y for _, y in rows])
    dev, train = (x[:400], y[:400]), (x[400:], y[400:])
    k = len(INTENTS)
    t = conf["teacher"]
    teacher = Teacher(len(ix) + 1, k, t["dim"], t["hidden"])
    fit("teacher", teacher, hard_loss, t, train, dev)
    teacher.eval().requires_grad_(False)
    student = Student(len(ix) + 1, k, conf["student"]["dim"])
    fit("student", student, make_distil_loss(teacher, conf["T"], conf["alpha"]), conf["student"], train, dev)
    size = [sum(p.numel() for p in m.parameters()) for m in (teacher, student)]
    log.info("parameters %d -> %d", *size)


if __name__ == "__main__":
    main()
