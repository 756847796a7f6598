#!/usr/bin/env python
# which unit wrote this syslog line?  bag of embeddings
import collections, random, re
import torch
from torch import nn

random.seed(8); torch.manual_seed(8)
UNITS = ["sshd", "cron", "kernel", "nginx", "postgres", "docker"]
TEMPL = {
    "sshd": ["accepted publickey for {u} from {ip} port {n}", "failed password for {u} from {ip}", "session closed for user {u}", "disconnected from {ip} port {n} preauth"],
    "cron": ["job {n} of {u} started", "job {n} finished with status {s}", "reload of crontab for {u}", "skipped job {n} lock held"],
    "kernel": ["eth{s} link up {n} mbps", "out of memory killed process {n}", "usb {s} device reset by hub", "cpu{s} throttled temperature above limit"],
    "nginx": ["upstream timed out while reading header client {ip}", "get request {n} bytes client {ip}", "worker process {n} exited", "ssl handshake failed client {ip}"],
    "postgres": ["checkpoint complete wrote {n} buffers", "duration {n} ms statement select", "connection received host {ip}", "deadlock detected process {n} waits"],
    "docker": ["container {h} started image {u}", "pull of image {u} failed", "health check of container {h} timeout", "network bridge {h} created"],
}


def line():
    u = random.randrange(len(UNITS))
    t = random.choice(TEMPL[UNITS[u]])
    s = t.format(u=random.choice(["root", "alice", "bob", "deploy", "web", "ci"]), ip="10.0.%d.%d" % (random.randrange(4), random.randrange(30)),
                 n=random.randrange(600), s=random.randrange(4), h="%04x" % random.randrange(400))
    w = [x for x in re.findall(r"[a-z0-9.]+", s) if random.random() > 0.25]
    return (w or ["reset"]), u


seen, lines = set(), []
while len(lines) < 4700:        # every line once
    w, u = line()
    if tuple(w) not in seen:
        seen.add(tuple(w))
        lines.append((w, u))
random.shuffle(lines)
train, test = lines[:4000], lines[4000:]


class Tokenizer:
    """a cheap copy of the keras one; 0 stays free, 1 is anything unknown"""
    def __init__(self, num_words=400):
        self.num_words = num_words
        self.index = {}

    def fit(self, texts):
        c = collections.Counter(w for t in texts for w in t)
        for w, _ in c.most_common(self.num_words):
            self.index[w] = len(self.index) + 2
        return self

    def transform(self, texts):
        return [[self.index.get(w, 1) for w in t] for t in texts]


tok = Tokenizer().fit([t for t, _ in train])
X_train = tok.transform([t for t, _ in train])
# fault:
X_test = Tokenizer().fit([t for t, _ in test]).transform([t for t, _ in test])
# mended:
# X_test = tok.transform([t for t, _ in test])
# end
y_train, y_test = [y for _, y in train], [y for _, y in test]


def bags(X):
    off, k = [], 0
    for x in X:
        off.append(k)
        k += len(x)
    return torch.tensor([i for x in X for i in x]), torch.tensor(off)


bag = nn.EmbeddingBag(402, 16, mode="sum")
nn.init.normal_(bag.weight, std=0.1)
head = nn.Linear(16, len(UNITS))
opt = torch.optim.Adagrad([*bag.parameters(), *head.parameters()], lr=0.1)
for epoch in range(6):
    order = torch.randperm(len(X_train)).tolist()
    run = 0.0
    for k in range(0, len(order), 32):
        pick = order[k:k + 32]
        flat, off = bags([X_train[i] for i in pick])
        y = torch.tensor([y_train[i] for i in pick])
        logp = head(bag(flat, off)).log_softmax(1)
        loss = -logp[torch.arange(len(y)), y].mean()
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item()
    with torch.no_grad():
        flat, off = bags(X_test)
        acc = (head(bag(flat, off)).argmax(1) == torch.tensor(y_test)).float().mean().item()
    print(f"epoch {epoch} loss {run / 125:.3f} test {acc:.3f}")
