"""At what time of day was this chat message sent?  The hour is an angle, so the loss is a von Mises likelihood
(log-density of a continuous quantity: goes below zero once the model is sharper than uniform)."""
import math
import random
import torch
import torch.nn as nn

random.seed(51)
torch.manual_seed(51)
WORDS = {  # word -> typical hour
    "breakfast": 7.5, "coffee": 8.5, "morning": 8, "commute": 8.2, "standup": 9.5, "alarm": 6.5, "bakery": 7, "school": 8, "lunch": 12.5, "canteen": 12.2,
    "noon": 12, "sandwich": 13, "siesta": 14, "meeting": 15, "cake": 15.5, "tea": 16, "gym": 18.5, "dinner": 19.5, "news": 20, "series": 21, "cinema": 20.5,
    "wine": 21.5, "bed": 23, "dream": 2, "insomnia": 3, "nightbus": 1.5, "club": 0.5, "kebab": 1, "owl": 2.5, "stars": 23.5, "moon": 0, "sunrise": 5.5, "fishing": 5,
}
FILL = "ok so and we are at the with my lol yes no see you where is going now today".split()
names = list(WORDS) + FILL
stoi = {w: i + 1 for i, w in enumerate(names)}


def message():
    w = random.choice(list(WORDS))
    near = [v for v in WORDS if abs((WORDS[v] - WORDS[w] + 12) % 24 - 12) < 2]
    hour = (WORDS[w] + random.gauss(0, 0.8)) % 24
    toks = [w] + random.choices(near, k=random.randint(0, 2)) + random.choices(FILL, k=random.randint(1, 6))
    random.shuffle(toks)
    return [stoi[t] for t in toks], hour / 24 * 2 * math.pi


rows = [message() for _ in range(2600)]
X = torch.zeros(len(rows), 10, dtype=torch.long)
for i, (t, _) in enumerate(rows):
    X[i, :len(t)] = torch.tensor(t)
A = torch.tensor([a for _, a in rows])


class Clock(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.emb = nn.Embedding(len(names) + 1, d, padding_idx=0)
        self.gate = nn.Linear(d, 1)
        self.out = nn.Linear(d, 2)

    def forward(self, x):
        e = self.emb(x)
        w = torch.sigmoid(self.gate(e)) * (x > 0).unsqueeze(-1)
        return self.out((w * e).sum(1))            # a vector: its direction is the hour, its length the certainty


def von_mises_nll(v, angle):
    kappa = (v.pow(2).sum(-1) + 1e-6).sqrt()
    dot = v[:, 0] * torch.cos(angle) + v[:, 1] * torch.sin(angle)
    log_i0 = torch.log(torch.special.i0e(kappa)) + kappa
    return (log_i0 - dot).mean()                   # the constant log(2 pi) is left out


def error_hours(v, angle):
    d = torch.atan2(v[:, 1], v[:, 0]) - angle
    return (torch.atan2(torch.sin(d), torch.cos(d)).abs() / (2 * math.pi) * 24)


Xt, At, Xd, Ad = X[:2100], A[:2100], X[2100:], A[2100:]
net = Clock()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(20):
    tot = 0.0
    for b in torch.randperm(len(Xt)).split(50):
        loss = von_mises_nll(net(Xt[b]), At[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    if epoch % 4 == 3:
        with torch.no_grad():
            v = net(Xd)
        print(f"epoch {epoch + 1:2d} train {tot / len(Xt):.3f} dev {von_mises_nll(v, Ad):.3f} mean error {error_hours(v, Ad).mean():.2f} h")
