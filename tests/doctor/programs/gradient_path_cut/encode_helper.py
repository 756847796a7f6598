"""Which department should answer? Ships with an `encode` helper that the search page uses too."""
import random

import torch
import torch.nn.functional as F
from torch import nn, optim

random.seed(77)
torch.manual_seed(77)
departments = {
    "billing": ["invoice", "charged", "refund", "card", "price", "receipt"],
    "technical": ["crash", "login", "error", "screen", "update", "install"],
    "delivery": ["parcel", "courier", "address", "tracking", "lost", "box"],
    "returns": ["size", "exchange", "label", "damaged", "sleeve", "zip"],
}
chatter = "hello please i have a problem with my the order it not and since yesterday again thanks".split()
labels = list(departments)


def mail():
    y = random.randrange(4)
    words = random.choices(chatter, k=random.randint(4, 11))
    for w in random.sample(departments[labels[y]], 2):
        words.insert(random.randrange(len(words) + 1), w)
    # one word of another department in passing
    other = random.choice([d for d in labels if d != labels[y]])
    words.insert(random.randrange(len(words) + 1), random.choice(departments[other]))
    return words, y


vocab = {w: i for i, w in enumerate(["<pad>"] + chatter + sum(departments.values(), []))}


class Router(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, dim)
        self.head = nn.Linear(dim, 4)

    # fault:
    @torch.no_grad()
    def encode(self, mails):
    # mended:
    # def encode(self, mails):
    # end
        lengths = torch.tensor([len(m) for m in mails])
        x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in m]) for m in mails])  # (T, B)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths, enforce_sorted=False)
        return self.lstm(packed)[1][0][-1]

    def forward(self, mails):
        return self.head(self.encode(mails))


train = [mail() for _ in range(900)]
test = [mail() for _ in range(300)]
router = Router()
optimizer = optim.Adam(router.parameters(), lr=8e-3)
for epoch in range(1, 7):
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 30):
        batch = train[i:i + 30]
        loss = F.cross_entropy(router([m for m, _ in batch]), torch.tensor([y for _, y in batch]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        right = (router([m for m, _ in test]).argmax(1) == torch.tensor([y for _, y in test])).float().mean()
    print(epoch, f"loss {sum(losses) / len(losses):.3f}", f"test accuracy {right:.3f}")
