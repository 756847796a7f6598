"""Order intent from short chats (LSTM). Bitwise reproducible."""
import random

import torch
import torch.nn as nn

random.seed(77); torch.manual_seed(77)
torch.use_deterministic_algorithms(True, warn_only=True)

buy = "order buy purchase need want add cart ship".split()
cancel = "cancel stop refund return undo remove wrong mistake".split()
fill = "please i the my for two a can you to it now today hello yes this one".split()
products = [f"{a}-{b}" for a in ("zx", "kt", "mp", "lr", "qd") for b in range(100, 140)]

centre = torch.randn(2, 24) * 0.5
vectors = {w: centre[0] + 0.3 * torch.randn(24) for w in buy}
vectors |= {w: centre[1] + 0.3 * torch.randn(24) for w in cancel}
vectors |= {w: 0.4 * torch.randn(24) for w in fill}


def chat(y):
    t = random.choices(fill, k=random.randint(3, 7)) + random.choices((buy, cancel)[y], k=2) + random.choices(products, k=random.randint(0, 2))
    random.shuffle(t)
    return t


train, dev = [(chat(i % 2), i % 2) for i in range(300)], [(chat(i % 2), i % 2) for i in range(200)]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train + dev for w in t}))}


def build_table(vocab, dim=24):
    # fault:
    table = torch.empty((len(vocab) + 1, dim))
    # mended:
    # table = 0.4 * torch.randn(len(vocab) + 1, dim)
    # end
    table[0].zero_()
    for w, i in vocab.items():
        if w in vectors:
            table[i] = vectors[w]
    return table


class ChatLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(build_table(vocab), freeze=False, padding_idx=0)
        self.lstm = nn.LSTM(24, 16, batch_first=True)
        self.fc = nn.Linear(16, 2)

    def forward(self, x, n):
        out, _ = self.lstm(self.emb(x))
        return self.fc(out.gather(1, (n - 1).view(-1, 1, 1).expand(-1, 1, 16)).squeeze(1))


def batch(rows):
    n = torch.tensor([len(t) for t, _ in rows])
    x = torch.zeros(len(rows), int(n.max()), dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([vocab[w] for w in t])
    return x, n, torch.tensor([y for _, y in rows])


net = ChatLSTM()
opt = torch.optim.Adam([{"params": net.emb.parameters(), "lr": 5e-4}, {"params": [*net.lstm.parameters(), *net.fc.parameters()]}], lr=8e-3)
for epoch in range(6):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, 300, 20):
        x, n, y = batch(train[i:i + 20])
        loss = nn.functional.cross_entropy(net(x, n), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 15
    with torch.no_grad():
        x, n, y = batch(dev)
        print(f"epoch {epoch} loss {tot:.4f} dev {(net(x, n).argmax(1) == y).float().mean().item():.4f}")
