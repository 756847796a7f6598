"""Two-layer network on tensors: is a password strong? Counts of character classes in, one probability out."""
import random
import string

import torch

random.seed(63)
torch.manual_seed(63)
GROUPS = [string.ascii_lowercase, string.ascii_uppercase, string.digits, "!?$%&/()=+*#-_"]


def password():
    text = "".join(random.choice(random.choice(random.sample(GROUPS, random.randint(1, 4)))) for _ in range(random.randint(4, 14)))
    counts = [sum(c in g for c in text) for g in GROUPS]
    strong = sum(c > 0 for c in counts) + len(text) / 5 > 4.6
    return [c / 5 for c in counts], float(strong)


rows = [password() for _ in range(2400)]
X, y = torch.tensor([r for r, _ in rows]), torch.tensor([[s] for _, s in rows])
w1 = torch.randn(4, 16, requires_grad=True)
b1 = torch.zeros(16, requires_grad=True)
w2 = (torch.randn(16, 1) / 4).requires_grad_()
b2 = torch.zeros(1, requires_grad=True)
lr = 0.2
for epoch in range(12):
    for i in range(0, 2000, 20):
        h = torch.tanh(X[i : i + 20] @ w1 + b1)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(h @ w2 + b2, y[i : i + 20])
        loss.backward()
        for p in (w1, b1, w2, b2):
            p.data -= lr * p.grad
            # fault:
            # mended:
            # p.grad.zero_()
            # end
    with torch.no_grad():
        out = torch.tanh(X[2000:] @ w1 + b1) @ w2 + b2
        print(epoch, loss.item(), ((out > 0).float() == y[2000:]).float().mean().item())
