"""Character model of service log lines; unusual lines get a high bits-per-character score. Tied output weights."""
import logging
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(level=logging.INFO, format="charlm: %(message)s")
CFG = {"dim": 48, "lr": 0.01, "epochs": 4, "streams": 32, "bptt": 40, "lines": 1000, "seed": 55}
SERVICES = ["auth", "cart", "search", "billing", "gateway"]
EVENTS = ["request served in {n} ms", "cache miss for user {n}", "connection closed by peer", "retry {n} of 5 scheduled",
          "token refreshed for user {n}", "queue length is {n}"]


def line(rng):
    level = rng.choice(["INFO", "INFO", "WARN"])
    return "%s [%s] %s\n" % (level, rng.choice(SERVICES), rng.choice(EVENTS).format(n=rng.randint(1, 99)))


class CharLM(nn.Module):
    def __init__(self, n_chars, dim):
        super().__init__()
        self.emb = nn.Embedding(n_chars, dim)
        self.gru = nn.GRU(dim, dim)
        self.out = nn.Linear(dim, n_chars)
        self.out.weight = self.emb.weight
        nn.init.normal_(self.emb.weight, std=dim ** -0.5)

    def forward(self, x, h=None):
        y, h = self.gru(self.emb(x) * math.sqrt(self.emb.embedding_dim) / 2, h)
        return self.out(y), h


def streams(text, stoi, n):
    data = torch.tensor([stoi[c] for c in text])
    data = data[: len(data) // n * n]
    return data.view(n, -1).t().contiguous()  # (time, streams)


def sweep(model, data, opt=None, sched=None):
    h, total, count = None, 0.0, 0
    with torch.set_grad_enabled(opt is not None):
        for i in range(0, data.size(0) - 1, CFG["bptt"]):
            n = min(CFG["bptt"], data.size(0) - 1 - i)
            x, y = data[i:i + n], data[i + 1:i + 1 + n]
            logits, h = model(x, h)
            h = h.detach()  # truncated: the state is carried on, the graph is not
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
            if opt is not None:
                opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                opt.step()
                sched.step()
            total, count = total + loss.item() * y.numel(), count + y.numel()
    return total / count / math.log(2)


if __name__ == "__main__":
    rng = random.Random(CFG["seed"])
    torch.manual_seed(CFG["seed"])
    train_text = "".join(line(rng) for _ in range(CFG["lines"]))
    valid_text = "".join(line(rng) for _ in range(200))
    chars = sorted(set(train_text) | set("\n"))
    stoi = {c: i for i, c in enumerate(chars)}
    train, valid = streams(train_text, stoi, CFG["streams"]), streams(valid_text, stoi, 8)
    model = CharLM(len(chars), CFG["dim"])
    opt = torch.optim.AdamW(model.parameters(), lr=CFG["lr"], weight_decay=0.01)
    steps = CFG["epochs"] * math.ceil((train.size(0) - 1) / CFG["bptt"])
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, CFG["lr"], total_steps=steps, pct_start=0.2)
    logging.info("%d characters in the alphabet, uniform would be %.2f bits", len(chars), math.log2(len(chars)))
    for epoch in range(CFG["epochs"]):
        bits = sweep(model, train, opt, sched)
        logging.info("epoch %d train %.3f bits/char, valid %.3f", epoch + 1, bits, sweep(model, valid))
    odd = "INFO [gateway] core melted please run\n"
    usual = "INFO [gateway] cache miss for user 42\n"
    for t in (usual, odd):
        logging.info("%.2f bits/char: %s", sweep(model, streams(t, stoi, 1)), t.strip())
