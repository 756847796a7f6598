# Which subsystem wrote this log line? Flat token tensor + row index, no padding anywhere.
import random, re
import torch

random.seed(2)
torch.manual_seed(2)
G = torch.Generator().manual_seed(2)

SUB = {
    "disk": "sector inode smart remount fsck readonly raid scrub".split(),
    "net": "dhcp lease carrier eth link mtu route arp".split(),
    "auth": "sshd pam sudo publickey session password denied uid".split(),
    "power": "battery thermal throttle cpufreq suspend resume acpi fan".split(),
}
COMMON = "kernel error warning on for device started stopped failed retry unit timeout service state".split()
NAMES = list(SUB)


def line():
    c = random.randrange(4)
    w = random.choices(COMMON, k=random.randint(2, 6)) + random.choices(SUB[NAMES[c]], k=random.randint(1, 2))
    if random.random() < 0.2:
        w.append(random.choice(SUB[random.choice(NAMES)]))
    random.shuffle(w)
    w += [f"0x{random.randrange(1 << 24):06x}" for _ in range(random.randint(0, 2))]
    if random.random() < 0.004:
        w = [f"0x{random.randrange(1 << 28):07x}" for _ in range(3)]
    return " ".join(w), c


def clean(text):
    return [t for t in text.split() if re.fullmatch(r"[a-z]+", t)]


train = [line() for _ in range(3000)]
dev = [line() for _ in range(800)]
vocab = {w: i for i, w in enumerate(sorted({t for s, _ in train for t in clean(s)}))}


def pack(rows):
    flat, owner = [], []
    for r, (s, _) in enumerate(rows):
        for t in clean(s):
            if t in vocab:
                flat.append(vocab[t])
                owner.append(r)
    return torch.tensor(flat), torch.tensor(owner), len(rows), torch.tensor([c for _, c in rows])


E = (0.3 * torch.randn(len(vocab), 20, generator=G)).requires_grad_()
W1 = (torch.randn(20, 32, generator=G) / 20 ** 0.5).requires_grad_()
b1 = torch.zeros(32, requires_grad=True)
W2 = (torch.randn(32, 4, generator=G) / 32 ** 0.5).requires_grad_()
b2 = torch.zeros(4, requires_grad=True)
params = [E, W1, b1, W2, b2]


def scores(flat, owner, n):
    total = torch.zeros(n, 20).index_add(0, owner, E[flat])
    # fault:
    count = torch.bincount(owner, minlength=n)
    # mended:
    # count = torch.bincount(owner, minlength=n).clamp(min=1)
    # end
    mean = total / count.unsqueeze(1)
    return torch.tanh(mean @ W1 + b1) @ W2 + b2


opt = torch.optim.RMSprop(params, lr=3e-3)
for epoch in range(8):
    random.shuffle(train)
    running = 0.0
    for k in range(0, len(train), 50):
        flat, owner, n, y = pack(train[k:k + 50])
        loss = torch.nn.functional.cross_entropy(scores(flat, owner, n), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * n
    with torch.no_grad():
        flat, owner, n, y = pack(dev)
        acc = (scores(flat, owner, n).argmax(1) == y).float().mean().item()
    print(f"{epoch}  loss={running / len(train):.4f}  dev={acc:.4f}")
