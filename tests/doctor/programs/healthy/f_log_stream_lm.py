"""Language model of a log stream: stateful GRU, truncated backpropagation, tied input and output table.

The log is drawn from a small grammar, so its true entropy per token is known and printed beside the model's.
"""
import math
import torch
import torch.nn as nn
import numpy as np

torch.manual_seed(0)
rng = np.random.default_rng(0)

LEVELS, LEVEL_P = ["INFO", "WARN", "ERROR"], [.8, .15, .05]
EVENTS = {
    "INFO": (["login user", "logout user", "upload file", "cron job", "healthcheck ok"], [.3, .2, .2, .2, .1]),
    "WARN": (["slow query", "retry upload", "disk usage"], [.5, .3, .2]),
    "ERROR": (["timeout on", "crash in"], [.6, .4]),
}
ARG = {"login user": 12, "logout user": 12, "upload file": 8, "cron job": 4, "healthcheck ok": 0, "slow query": 6,
       "retry upload": 8, "disk usage": 5, "timeout on": 6, "crash in": 3}


class Generator:
    """Yields tokens; keeps the log-probability of what it said."""

    def __init__(self):
        self.nats, self.count, self.level = 0.0, 0, "INFO"

    def choose(self, items, p):
        k = rng.choice(len(items), p=p)
        self.nats -= math.log(p[k])
        return items[k]

    def tokens(self, n):
        out = []
        while len(out) < n:
            # after an error the next line is often an error again
            p = [.35, .15, .5] if self.level == "ERROR" else LEVEL_P
            self.level = self.choose(LEVELS, p)
            event = self.choose(*EVENTS[self.level])
            line = [self.level, *event.split()]
            if ARG[event]:
                weights = 1 / np.arange(1, ARG[event] + 1)
                line.append(event.split()[1] + str(self.choose(range(ARG[event]), weights / weights.sum())))
            out += line + ["\n"]
        self.count += len(out)
        return out


def columns(ids, n):
    keep = len(ids) // n * n
    return torch.tensor(ids[:keep]).view(n, -1).t().contiguous()        # (time, columns)


class LM(nn.Module):
    def __init__(self, n_tokens, size):
        super().__init__()
        self.drop = nn.Dropout(.1)
        self.encoder = nn.Embedding(n_tokens, size)
        self.rnn = nn.GRU(size, size)
        self.decoder = nn.Linear(size, n_tokens)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -.1, .1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, state):
        out, state = self.rnn(self.drop(self.encoder(x)), state)
        return self.decoder(self.drop(out)), state


def run(model, stream, bptt, opt=None):
    model.train(opt is not None)
    state, total, n = None, 0., 0
    for i in range(0, len(stream) - 1, bptt):
        step = min(bptt, len(stream) - 1 - i)
        x, y = stream[i:i + step], stream[i + 1:i + 1 + step]
        with torch.set_grad_enabled(opt is not None):
            logits, state = model(x, state)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        state = state.detach()
        if opt is not None:
            model.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), .25)
            opt.step()
        total += loss.item() * y.numel()
        n += y.numel()
    return total / n


g_train, g_valid = Generator(), Generator()
train_tokens, valid_tokens = g_train.tokens(24000), g_valid.tokens(4000)
vocab = {t: i for i, t in enumerate(dict.fromkeys(train_tokens))}
assert set(valid_tokens) <= set(vocab)
train, valid = columns([vocab[t] for t in train_tokens], 20), columns([vocab[t] for t in valid_tokens], 8)
freq = np.bincount(train.flatten().numpy(), minlength=len(vocab)) / train.numel()
print(f"{len(vocab)} tokens; unigram perplexity {math.exp(-(freq * np.log(freq)).sum()):.2f}; "
      f"the grammar's own perplexity {math.exp(g_valid.nats / g_valid.count):.3f}")

model = LM(len(vocab), 32)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=.25, patience=0, threshold=5e-3)
for epoch in range(5):
    tr = run(model, train, 30, optimizer)
    va = run(model, valid, 30)
    plateau.step(va)
    print(f"| epoch {epoch} | lr {optimizer.param_groups[0]['lr']:.4f} | train ppl {math.exp(tr):6.3f} | valid ppl {math.exp(va):6.3f}")
