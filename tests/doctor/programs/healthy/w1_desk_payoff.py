"""Send a support chat to one of five desks.  Not every mix-up costs the same, so the expected pay-off itself is what gets maximised."""
import random

import torch
from torch import nn

random.seed(131)
torch.manual_seed(131)
DESKS = ["refund", "tech", "sales", "legal", "spam"]
PAYOFF = torch.tensor([[5., 1., 2., 1., -3.], [1., 4., 1., 0., -2.], [1., 1., 3., 0., -1.], [0., -2., -2., 8., -6.], [-1., -1., -1., -2., 1.]])
TALK = {0: "money back charge double return parcel broken", 1: "crash login error update freeze screen slow", 2: "price upgrade offer discount plan trial quote",
        3: "lawyer court privacy data complaint sue contract", 4: "winner click crypto prize cheap pills free"}
CHAT = "hi hello please thanks i my the you it is was and when why how today again".split()


def chat():
    y = random.choices(range(5), [3, 4, 3, 1, 2])[0]
    turns = [random.choice(TALK[y].split()) if random.random() < 0.26 else random.choice(TALK[random.randrange(5)].split()) if random.random() < 0.15 else random.choice(CHAT)
             for _ in range(random.randint(6, 18))]
    return turns, y


data = [chat() for _ in range(3600)]
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in data[:3000] for w in t}))}


def collate(rows):
    return torch.nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t if w in vocab]) for t, _ in rows], padding_value=len(vocab)), torch.tensor([y for _, y in rows])


class Desk(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=len(vocab))
        self.conv = nn.Conv1d(24, 40, 3, padding=1)
        self.out = nn.Linear(40, 5)

    def forward(self, x):                                   # x: (T, B)
        h = torch.relu(self.conv(self.emb(x).permute(1, 2, 0)))
        h = h * (x != len(vocab)).t().unsqueeze(1)
        return self.out(h.amax(dim=2)).softmax(dim=1)


def expected(p, y):
    return (p * PAYOFF[y]).sum(1)


model = Desk()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
x_dev, y_dev = collate(data[3000:])
best_constant = max(PAYOFF[y_dev][:, k].mean().item() for k in range(5))
print(f"best fixed desk earns {best_constant:.3f} per chat, perfect routing {PAYOFF[y_dev, y_dev].mean():.3f}")
train = data[:3000]
for epoch in range(8):
    random.shuffle(train)
    earned = 0.0
    for k in range(0, len(train), 50):
        x, y = collate(train[k:k + 50])
        p = model(x)
        entropy = -(p * p.clamp_min(1e-8).log()).sum(1)
        loss = -(expected(p, y) + 0.1 * entropy).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        earned += loss.item()
    with torch.no_grad():
        p = model(x_dev)
    pick = p.argmax(1)
    print(f"epoch {epoch + 1} objective {earned / (len(train) / 50):.3f} dev earns {PAYOFF[y_dev, pick].mean():.3f}, right desk {(pick == y_dev).float().mean():.3f}")
