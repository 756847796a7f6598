"""Intent of chat messages; statistics pooling (mean and standard deviation over tokens) as in speaker recognition."""
import random
import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(23)
torch.manual_seed(23)
INTENTS = {"greet": ["hi", "hello", "hey", "morning", "yo", "evening"],
           "order": ["want", "buy", "order", "add", "cart", "pizza", "two"],
           "cancel": ["cancel", "stop", "undo", "wrong", "remove", "refund"],
           "status": ["where", "when", "track", "arrive", "late", "status"]}
NAMES = list(INTENTS)
FILL = "please can you the my i it is for me now so ok um thanks with a".split()


def message():
    k = random.randrange(4)
    if random.random() < 0.05:
        words = [random.choice(INTENTS[NAMES[k]])]
    else:
        words = random.choices(FILL, k=random.randint(2, 9)) + random.choices(INTENTS[NAMES[k]], k=random.randint(1, 3))
        if random.random() < 0.15:
            words.append(random.choice(INTENTS[random.choice(NAMES)]))
    random.shuffle(words)
    return words, k


vocab = {w: i + 1 for i, w in enumerate(FILL + [w for ws in INTENTS.values() for w in ws])}


def collate(rows):
    lens = torch.tensor([len(w) for w, _ in rows])
    ids = torch.zeros(len(rows), int(lens.max()), dtype=torch.long)
    for i, (w, _) in enumerate(rows):
        ids[i, :len(w)] = torch.tensor([vocab[t] for t in w])
    return dict(ids=ids, lens=lens, label=torch.tensor([k for _, k in rows]))


class StatsPool(nn.Module):
    def forward(self, h, lens):
        m = (torch.arange(h.size(1))[None, :] < lens[:, None]).unsqueeze(-1).to(h.dtype)
        n = lens[:, None].to(h.dtype)
        mean = (h * m).sum(1) / n
        var = ((h - mean.unsqueeze(1)).pow(2) * m).sum(1) / n
        # fault:
        std = torch.sqrt(var)
        # mended:
        # std = torch.sqrt(var + 1e-6)
        # end
        return torch.cat([mean, std], dim=1)


class IntentNet(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.proj = nn.Linear(d, 48)
        self.pool = StatsPool()
        self.cls = nn.Sequential(nn.Dropout(0.2), nn.Linear(96, 4))

    def forward(self, ids, lens):
        return self.cls(self.pool(torch.tanh(self.proj(self.emb(ids))), lens))


data = list({" ".join(w): (w, k) for w, k in (message() for _ in range(5000))}.values())[:4000]
random.shuffle(data)
train = DataLoader(data[:3400], batch_size=34, shuffle=True, collate_fn=collate)
dev = DataLoader(data[3400:], batch_size=200, collate_fn=collate)
net = IntentNet()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(8):
    net.train()
    total = 0.0
    for b in train:
        loss = nn.functional.cross_entropy(net(b["ids"], b["lens"]), b["label"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    net.eval()
    with torch.no_grad():
        ok = sum((net(b["ids"], b["lens"]).argmax(1) == b["label"]).sum().item() for b in dev)
    print(f"epoch {epoch} loss {total / len(train):.4f} dev acc {ok / 600:.3f}")
