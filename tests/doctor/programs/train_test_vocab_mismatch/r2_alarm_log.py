# Log line classifier for a substation: switching / metering / comms / protection
import random
import re
from collections import Counter

import torch
from torch.nn.functional import cross_entropy, embedding_bag

random.seed(21)
torch.manual_seed(21)

PHRASES = {
    "switching": ["breaker {n} opened", "isolator {n} closed by operator", "earth switch {n} moved", "busbar coupler closed",
                  "breaker spring charged", "tap changer raised to step {n}", "interlock released on bay {n}"],
    "metering": ["current reading {n} A", "voltage phase {p} {n} kV", "energy counter rolled over", "power factor below limit",
                 "meter {n} recalibrated", "reactive power phase {p} high", "frequency reading 49 Hz"],
    "comms": ["link to gateway {n} lost", "modem reconnected", "packet timeout on port {n}", "time server not reachable",
              "channel {n} synchronised", "gateway rebooted remotely", "heartbeat missing from node {n}"],
    "protection": ["relay {n} tripped phase {p}", "overcurrent stage picked up", "earth fault detected on feeder {n}",
                   "distance zone {n} started", "differential relay blocked", "trip reset by operator", "feeder {n} fault cleared"],
}
NOISE = "bay unit alarm info status at by station event the local remote ok warning signal on".split()
NAMES = list(PHRASES)


def make_line():
    kind = random.choice(NAMES)
    text = random.choice(PHRASES[kind]).format(n=random.randint(1, 30), p=random.choice("RST"))
    toks = text.split()
    for _ in range(random.randint(2, 6)):
        toks.insert(random.randint(0, len(toks)), random.choice(NOISE))
    # operators type in a hurry
    toks = [t if random.random() > 0.12 else "???" for t in toks]
    return " ".join(toks), kind


pool = list(dict.fromkeys(make_line() for _ in range(3000)))
random.shuffle(pool)
train, test = pool[:2200], pool[2200:]


def tokenise(line):
    return re.findall(r"[a-z]+|\d+|\?+", line.lower())


def index_words(lines):
    cnt = Counter(t for line, _ in lines for t in tokenise(line))
    return {w: i + 1 for i, (w, c) in enumerate(cnt.most_common()) if c > 1}


def flat(lines, index):
    ids, starts, ys = [], [], []
    for line, kind in lines:
        starts.append(len(ids))
        ids += [index.get(t, 0) for t in tokenise(line)]      # 0 = rare or unknown
        ys.append(NAMES.index(kind))
    return torch.tensor(ids), torch.tensor(starts), torch.tensor(ys)


index = index_words(train)
# fault:
test_set = flat(test, index_words(test))
# mended:
#test_set = flat(test, index)
# end

E = (torch.randn(len(index) + 1, 14) * 0.2).requires_grad_()
W = (torch.randn(4, 14) * 0.2).requires_grad_()
b = torch.zeros(4, requires_grad=True)


def scores(ids, starts):
    return embedding_bag(ids, E, starts, mode="mean") @ W.t() + b


opt = torch.optim.Adam([E, W, b], lr=0.01)
for epoch in range(8):
    random.shuffle(train)
    seen = right = 0
    for k in range(0, len(train), 25):
        ids, starts, y = flat(train[k:k + 25], index)
        out = scores(ids, starts)
        loss = cross_entropy(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        seen += len(y)
        right += (out.argmax(1) == y).sum().item()
    with torch.no_grad():
        out = scores(*test_set[:2])
        test_loss = cross_entropy(out, test_set[2]).item()
        test_acc = (out.argmax(1) == test_set[2]).float().mean().item()
    print(f"{epoch}: train acc {right / seen:.3f}   test loss {test_loss:.3f}   test acc {test_acc:.3f}")

for k, name in enumerate(NAMES):
    m = test_set[2] == k
    print(f"   {name:11s} {(out.argmax(1)[m] == k).float().mean().item():.3f}  ({int(m.sum())} lines)")
print(f"test accuracy {test_acc:.3f}")
