# Online learning: log lines come in, the router guesses the team first, then is told (test-then-train).
# Functional style: weights are a dict handed around, evaluation takes them as an argument.
import random
import torch
from torch.func import functional_call, grad_and_value

random.seed(21); torch.manual_seed(21)

TEAMS = {
    "database": "query deadlock index replica transaction postgres vacuum table rollback cursor".split(),
    "network": "timeout dns packet socket tcp gateway proxy handshake latency route".split(),
    "auth": "token login password session oauth expired forbidden user certificate role".split(),
    "billing": "invoice payment card refund vat currency charge customer receipt subscription".split(),
    "storage": "disk bucket volume snapshot inode quota upload blob mount raid".split(),
}
NOISE = "error warn failed while in on retry worker request service the of to after 500 info thread job host".split()
VOC = {w: i for i, w in enumerate(NOISE + [w for t in TEAMS.values() for w in t])}
NAMES = list(TEAMS)


def log_line():
    team = random.randrange(len(NAMES))
    words = random.sample(TEAMS[NAMES[team]], 2) + random.choices(NOISE, k=random.randint(3, 7))
    if random.random() < .6:                                   # a word of some other team slips in
        words.append(random.choice(TEAMS[random.choice(NAMES)]))
    random.shuffle(words)
    return words, team


def stream(batches, size=16):
    for _ in range(batches):
        x, y = torch.zeros(size, len(VOC)), torch.zeros(size, dtype=torch.long)
        for r in range(size):
            words, y[r] = log_line()
            for w in words:
                x[r, VOC[w]] += 1
        yield x, y


template = torch.nn.Sequential(torch.nn.Linear(len(VOC), 20), torch.nn.Tanh(), torch.nn.Linear(20, len(NAMES)))
weights = {k: v.detach().clone() for k, v in template.named_parameters()}
slow = {k: v.clone() for k, v in weights.items()}               # Polyak average of the weights
velocity = {k: torch.zeros_like(v) for k, v in weights.items()}


def objective(w, x, y):
    return torch.nn.functional.cross_entropy(functional_call(template, w, (x,)), y)


def accuracy(w, x, y):
    return (functional_call(template, w, (x,)).argmax(1) == y).float().mean().item()


step_fn = grad_and_value(objective)
fast_hits, slow_hits, losses = [], [], []
for t, (x, y) in enumerate(stream(420), 1):
    fast_hits.append(accuracy(weights, x, y))                  # guess first ...
    slow_hits.append(accuracy(slow, x, y))
    g, value = step_fn(weights, x, y)                          # ... then learn
    losses.append(value.item())
    lr = 0.1 if t < 300 else 0.02
    for k in weights:
        velocity[k] = 0.9 * velocity[k] + g[k]
        weights[k] = weights[k] - lr * velocity[k]
        slow[k] = 0.98 * slow[k] + 0.02 * weights[k]
    if t % 70 == 0:
        mean = lambda v: sum(v[-70:]) / 70
        print(f"batch {t:4d}  loss {mean(losses):.4f}  prequential accuracy {mean(fast_hits):.3f}  averaged weights {mean(slow_hits):.3f}")

x, y = next(stream(1, 2000))
print("fresh lines: last weights %.3f, averaged %.3f" % (accuracy(weights, x, y), accuracy(slow, x, y)))
