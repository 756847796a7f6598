# Word language model on generated weather reports, truncated BPTT with carried state, tied in/out embedding.
# Stream is cut in columns (time first), state is detached between the pieces as usual.
import math, random
import torch
from torch import nn

random.seed(10); torch.manual_seed(10)
SKY = "sun rain snow fog hail storm wind clouds".split()
PLACE = "north south coast hills valley city islands border".split()
TIME = "morning noon evening night weekend".split()
ADJ = {"sun": "bright warm", "rain": "heavy cold", "snow": "deep fresh", "fog": "dense grey", "hail": "sudden loud",
       "storm": "fierce long", "wind": "gusty sharp", "clouds": "low dark"}

def report():
    s, p, t = random.choice(SKY), random.choice(PLACE), random.choice(TIME)
    a = random.choice(ADJ[s].split())
    return random.choice([f"in the {p} {a} {s} by {t} .", f"{t} brings {a} {s} to the {p} .", f"expect {a} {s} over the {p} this {t} ."]).split()

def stream(n):
    return [w for _ in range(n) for w in report()]

train_w, valid_w = stream(2500), stream(500)
vocab = sorted(set(train_w))
stoi = {w: i for i, w in enumerate(vocab)}

def columns(words, b):
    t = torch.tensor([stoi[w] for w in words])
    n = len(t) // b
    return t[:n * b].view(b, n).t().contiguous()

train, valid = columns(train_w, 20), columns(valid_w, 20)
BPTT = 20

class RNNLM(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.enc = nn.Embedding(len(vocab), d)
        nn.init.uniform_(self.enc.weight, -0.1, 0.1)
        self.rnn = nn.LSTM(d, d)
        self.dec = nn.Linear(d, len(vocab))
        self.dec.weight = self.enc.weight
        nn.init.zeros_(self.dec.bias)
    def forward(self, x, state):
        h, state = self.rnn(self.enc(x), state)
        return self.dec(h), state

lm = RNNLM()
crit = nn.CrossEntropyLoss()
opt = torch.optim.Adam(lm.parameters(), lr=0.01)
EPOCHS = 5
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 0.015, total_steps=EPOCHS * math.ceil((len(train) - 1) / BPTT))

def run(data, learn):
    lm.train(learn)
    state, total, count = None, 0.0, 0
    for i in range(0, len(data) - 1, BPTT):
        x = data[i:min(i + BPTT, len(data) - 1)]
        y = data[i + 1:i + 1 + len(x)]
        with torch.set_grad_enabled(learn):
            out, state = lm(x, state)
            loss = crit(out.flatten(0, 1), y.flatten())
        state = tuple(s.detach() for s in state)
        if learn:
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
            opt.step()
            sched.step()
        total += loss.item() * y.numel()
        count += y.numel()
    return math.exp(total / count)

counts = torch.bincount(train.flatten(), minlength=len(vocab)).float()
p = counts / counts.sum()
print(f"{len(vocab)} words, unigram perplexity {math.exp(-(p * p.log()).sum()):.2f}")
for e in range(EPOCHS):
    tr = run(train, True)
    print(f"| epoch {e} | running ppl {tr:6.2f} | train ppl {run(train, False):6.2f} | valid ppl {run(valid, False):6.2f}")
