"""train.py - routes support tickets to a queue. Vectors come cased, most frequent form first."""
import dataclasses
import random
import numpy as np
import torch
from torch import nn


@dataclasses.dataclass
class Config:
    dim: int = 40
    filters: int = 48
    epochs: int = 8
    batch: int = 50
    lr: float = 2e-3
    seed: int = 21


cfg = Config()
random.seed(cfg.seed); np.random.seed(cfg.seed); torch.manual_seed(cfg.seed)
QUEUES = {
    "billing": "invoice refund charge payment receipt subscription discount tax credit card price overcharged balance billing cheque fee currency renewal coupon statement".split(),
    "network": "wifi router latency vpn dns packet ethernet firewall proxy timeout bandwidth gateway disconnected modem signal hotspot subnet ping outage switch".split(),
    "account": "password login username locked reset profile verification email token signup permissions role session authenticator captcha deactivate nickname avatar username2 recovery".split(),
    "hardware": "screen battery keyboard charger fan hinge camera speaker trackpad adapter dock monitor overheating port cable mouse printer cartridge display webcam".split(),
}
FILL = "hello please help since yesterday my the is not with again team urgent thanks we have when after update it still and i on for".split()


def write_vectors(path):
    lines = []
    for words in QUEUES.values():
        c = np.random.randn(cfg.dim)
        lines += [(w, 0.7 * c + np.random.randn(cfg.dim)) for w in words]
    lines += [(w, np.random.randn(cfg.dim) * 0.7) for w in FILL]
    random.shuffle(lines)
    rare = []
    for w, _ in lines:      # seldom seen spellings stand further down
        for form in (w.capitalize(), w.upper()):
            rare.append((form, np.random.randn(cfg.dim) * 1.1))
    random.shuffle(rare)
    with open(path, "w") as f:
        for w, v in lines + rare:
            print(w, *("%.4f" % x for x in v), file=f)


def read_vectors(path):
    out = {}
    with open(path) as f:
        for line in f:
            word, *nums = line.split()
            word = word.lower()
            # fault:
            out[word] = [float(x) for x in nums]
            # mended:
            # if word not in out:
            #     out[word] = [float(x) for x in nums]
            # end
    return out


def ticket(q, lexicon):
    n = random.randint(7, 16)
    names = list(QUEUES)
    t = []
    for _ in range(n):
        r = random.random()
        t.append(random.choice(lexicon[q]) if r < 0.28 else random.choice(lexicon[random.choice(names)]) if r < 0.34 else random.choice(FILL))
    if random.random() < 0.5:
        t[0] = t[0].capitalize()
    return t


write_vectors("tickets.vec")
known = {q: w[:9] for q, w in QUEUES.items()}
names = list(QUEUES)
train = [(ticket(q, known), names.index(q)) for q in random.choices(names, k=2000)]
test = [(ticket(q, QUEUES), names.index(q)) for q in random.choices(names, k=600)]
vec = read_vectors("tickets.vec")
index = {w: i + 1 for i, w in enumerate(vec)}
weight = torch.zeros(len(vec) + 1, cfg.dim)
for w, i in index.items():
    weight[i] = torch.tensor(vec[w])


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(cfg.dim, cfg.filters, 1)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(cfg.filters, len(names))

    def forward(self, x):
        h = torch.tanh(self.conv(self.words(x).transpose(1, 2)))
        m = (x != 0).unsqueeze(1)
        h = (h * m).sum(2) / m.sum(2)
        return self.out(self.drop(h))


class Trainer:
    def __init__(self, model):
        self.model = model
        self.opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=cfg.lr)
        self.crit = nn.CrossEntropyLoss()

    def batch(self, rows):
        xs = [torch.tensor([index[w.lower()] for w in t]) for t, _ in rows]
        return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor([y for _, y in rows])

    def fit(self):
        for e in range(cfg.epochs):
            self.model.train()
            random.shuffle(train)
            total = 0.0
            for i in range(0, len(train), cfg.batch):
                x, y = self.batch(train[i:i + cfg.batch])
                loss = self.crit(self.model(x), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                total += loss.item() * len(y)
            print(f"epoch {e}: loss {total / len(train):.3f} test accuracy {self.score():.3f}")

    @torch.no_grad()
    def score(self):
        self.model.eval()
        x, y = self.batch(test)
        return (self.model(x).argmax(-1) == y).float().mean().item()


Trainer(Router()).fit()
