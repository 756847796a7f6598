"""Routes incoming support tickets to one of six queues.

Same sentence encoder as the similar-ticket search service; here a small head sits on top of it and
both are trained together on the tickets that agents have already routed.
"""
import random
import numpy as np
import torch
from torch import nn

SEED = 20
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

QUEUES = ["billing", "login", "shipping", "hardware", "cancel", "privacy"]
SYL = "ba co di fu gel hon jim kar lot mur nes pol qua rit sul tev wex yan zor".split()


def make_word():
    return "".join(random.choice(SYL) for _ in range(random.choice([2, 3])))


general = list({make_word() for _ in range(400)})
jargon = {q: list({make_word() for _ in range(45)}) for q in QUEUES}


def make_ticket():
    q = random.choice(QUEUES)
    n = random.randint(8, 20)
    words = [random.choice(jargon[q]) if random.random() < 0.45 else random.choice(general) for _ in range(n)]
    return " ".join(words), QUEUES.index(q)


tickets = [make_ticket() for _ in range(2600)]
train, held = tickets[:2000], tickets[2000:]
vocab = {"<pad>": 0, "<unk>": 1}
for text, _ in train:
    for w in text.split():
        vocab.setdefault(w, len(vocab))


class TicketEncoder(nn.Module):
    def __init__(self, n_words, width=32):
        super().__init__()
        self.words = nn.Embedding(n_words, width, padding_idx=0)
        self.mix = nn.Linear(width, width)

    def forward(self, ids):
        keep = (ids != 0).unsqueeze(-1).float()
        pooled = (self.words(ids) * keep).sum(1) / keep.sum(1).clamp(min=1)
        return torch.tanh(self.mix(pooled)) 

    def embed(self, ids):
        """vectors for the search index"""
        return self(ids).detach().cpu().numpy()


def to_ids(texts):
    rows = [[vocab.get(w, 1) for w in t.split()] for t in texts]
    width = max(map(len, rows))
    return torch.tensor([r + [0] * (width - len(r)) for r in rows])


encoder = TicketEncoder(len(vocab))
head = nn.Linear(32, len(QUEUES))
opt = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=8e-3)
ce = nn.CrossEntropyLoss()

for epoch in range(1, 6):
    random.shuffle(train)
    running = []
    for i in range(0, len(train), 50):
        chunk = train[i:i + 50]
        ids = to_ids([t for t, _ in chunk])
        y = torch.tensor([q for _, q in chunk])
        # fault:
        z = torch.from_numpy(encoder.embed(ids))
        # mended:
        # z = encoder(ids)
        # end
        loss = ce(head(z), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        running.append(loss.item())
    with torch.no_grad():
        pred = head(encoder(to_ids([t for t, _ in held]))).argmax(1).numpy()
    acc = (pred == np.array([q for _, q in held])).mean()
    print(f"epoch {epoch}  loss {np.mean(running):.3f}  routed correctly {acc:.3f}")
