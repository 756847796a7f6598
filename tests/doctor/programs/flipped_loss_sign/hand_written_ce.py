import random

import torch

random.seed(8)
torch.manual_seed(8)

GENRES = ["crime", "romance", "fantasy"]
CUES = [
    "detective murder knife alibi corpse police suspect clue".split(),
    "kiss wedding heart letter longing summer embrace vow".split(),
    "dragon wizard sword quest elf spell kingdom prophecy".split(),
]
COMMON = "a the story of in old town where one night and his her secret finds never must".split()
vocab = {w: i for i, w in enumerate(COMMON + sum(CUES, []))}


def blurb():
    g = random.randrange(3)
    words = random.choices(COMMON, k=8) + random.choices(CUES[g], k=3) + random.choices(random.choice(CUES), k=1)
    random.shuffle(words)
    return [vocab[w] for w in words], g


def sample(n):
    rows = [blurb() for _ in range(n)]
    return torch.tensor([r for r, _ in rows]), torch.tensor([g for _, g in rows])


E = (torch.randn(len(vocab), 20) * 0.1).requires_grad_()
W1 = (torch.randn(20, 30) / 20**0.5).requires_grad_()
b1 = torch.zeros(30, requires_grad=True)
W2 = (torch.randn(30, 3) / 30**0.5).requires_grad_()
b2 = torch.zeros(3, requires_grad=True)
params = [E, W1, b1, W2, b2]


def forward(x):
    h = torch.tanh(E[x].mean(1) @ W1 + b1)
    return torch.log_softmax(h @ W2 + b2, dim=1)


optimizer = torch.optim.Adam(params, lr=5e-3)
X, y = sample(1500)
Xdev, ydev = sample(300)
for epoch in range(5):
    for i in torch.randperm(1500).split(30):
        logp = forward(X[i])
        # fault:
        loss = logp[torch.arange(len(i)), y[i]].mean()
        # mended:
        # loss = -logp[torch.arange(len(i)), y[i]].mean()
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    print("dev acc", (forward(Xdev).argmax(1) == ydev).float().mean().item())
