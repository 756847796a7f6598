"""Char-CNN: origin of a surname (made of typical endings and stems), RMSprop."""
import random
import string
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(3)
torch.manual_seed(3)
ENDS = {
    "polish": ["owski", "ewicz", "czyk", "inska", "wicz"], "turkish": ["oglu", "demir", "turk", "kaya", "yilmaz"],
    "german": ["mann", "hauer", "stein", "bach", "mayer"], "italian": ["elli", "ucci", "ini", "otti", "aro"],
    "english": ["son", "ford", "wright", "ley", "worth"], "greek": ["opoulos", "akis", "idis", "ellis", "atos"],
}
ORIGINS = list(ENDS)


def name():
    k = random.randrange(6)
    stem = "".join(random.choice("bcdfghklmnprstvz") + random.choice("aeiou") for _ in range(random.randint(1, 3)))
    s = stem + random.choice(ENDS[ORIGINS[k]])
    if random.random() < 0.25:
        i = random.randrange(len(s))
        s = s[:i] + random.choice(string.ascii_lowercase) + s[i + 1:]
    return s, k


def collate(rows):
    x = torch.zeros(len(rows), 16, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        x[i, :min(16, len(s))] = torch.tensor([ord(c) - 96 for c in s[:16]])
    return x, torch.tensor([k for _, k in rows])


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(27, 16, padding_idx=0)
        self.c1 = nn.Conv1d(16, 48, 3, padding=1)
        self.c2 = nn.Conv1d(48, 48, 3, padding=1)
        self.fc = nn.Linear(48, 6)

    def forward(self, x):
        mask = (x > 0).unsqueeze(1)
        h = F.relu(self.c1(self.embed(x).transpose(1, 2))) * mask
        h = F.relu(self.c2(h)) * mask
        return self.fc(F.dropout(h.amax(-1), 0.2, self.training))


class Trainer:
    def __init__(self, model, train, dev):
        self.model = model
        self.loaders = DataLoader(train, 40, shuffle=True, collate_fn=collate), DataLoader(dev, 200, collate_fn=collate)
        # fault:
        self.optimizer = torch.optim.RMSprop(model.parameters(), lr=0.3)
        # mended:
        # self.optimizer = torch.optim.RMSprop(model.parameters(), lr=0.001)
        # end

    def fit(self, epochs):
        for e in range(epochs):
            self.model.train()
            losses = []
            for x, y in self.loaders[0]:
                loss = F.cross_entropy(self.model(x), y)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                losses.append(loss.item())
            print(f"epoch {e} train loss {sum(losses) / len(losses):.3f} dev accuracy {self.evaluate():.3f}")

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        hits = [(self.model(x).argmax(1) == y) for x, y in self.loaders[1]]
        return torch.cat(hits).float().mean().item()


data = [name() for _ in range(3000)]
Trainer(CharCNN(), data[:2500], data[2500:]).fit(6)
