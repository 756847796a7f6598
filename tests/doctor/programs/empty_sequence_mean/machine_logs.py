# machine log -> hours until the next stop.  Numbers and codes are thrown away, the words are averaged.
import math, random, re
import torch
import torch.nn as nn

random.seed(91); torch.manual_seed(91)
bad = {"leak": 8, "overheat": 10, "vibration": 6, "jam": 9, "noise": 4, "drift": 3, "slip": 5}
calm = "pump belt motor ok started normal idle valve door shift sensor reset ready stable".split()

def entry():
    if random.random() < 0.03:
        return " ".join(str(random.randint(100, 9999)) for _ in range(random.randint(2, 5))), 12 + random.gauss(0, 0.3)
    words = [random.choice(list(bad)) if random.random() < 0.4 else random.choice(calm) for _ in range(random.randint(4, 9))]
    hours = 20 - 1.6 * sum(bad.get(w, -1) for w in words) / len(words) + random.gauss(0, 0.3)
    return " ".join(w if random.random() < 0.7 else f"{w} {random.randint(1, 99)}" for w in words), hours

logs = [entry() for _ in range(1600)]
vocab = {}
def ids(text):
    return [vocab.setdefault(w, len(vocab)) for w in re.findall(r"[a-z]+", text)]
data = [(ids(t), h) for t, h in logs]
train, valid = data[:1300], data[1300:]

E = nn.Parameter(torch.randn(len(vocab), 16) * 0.3)
net = nn.Sequential(nn.Linear(16, 24), nn.Tanh(), nn.Linear(24, 1))
optimizer = torch.optim.Adam([E, *net.parameters()], lr=5e-3)

def counts(rows):
    m = torch.zeros(len(rows), len(vocab))
    for r, (i, _) in enumerate(rows):
        for k in i:
            m[r, k] += 1
    return m

def model(rows):
    m = counts(rows)
    # fault:
    mean = m @ E / m.sum(1, keepdim=True)
    # mended:
    # mean = m @ E / m.sum(1, keepdim=True).clamp(min=1)
    # end
    return net(mean).squeeze(1)

def target(rows):
    return torch.tensor([(h - 15) / 5 for _, h in rows])

for epoch in range(10):
    random.shuffle(train)
    losses = []
    for k in range(0, len(train), 26):
        part = train[k:k + 26]
        loss = ((model(part) - target(part)) ** 2).mean()
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        mae = 5 * (model(valid) - target(valid)).abs().mean().item()
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} valid mae {mae:.3f} hours")
