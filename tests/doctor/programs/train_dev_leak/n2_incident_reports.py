"""Routing incident reports to the right crew: from raw strings to a Dataset, a random split and a model."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset, random_split

random.seed(8)
torch.manual_seed(8)

CREWS = ["water", "power", "roads", "parks"]
TERMS = {
    "water": "leak pipe hydrant flooding drain sewage valve pressure meter puddle basement sprinkler tap gutter manhole",
    "power": "outage cable lamp transformer sparks fuse blackout wire pole voltage humming flicker switch generator socket",
    "roads": "pothole asphalt kerb sign junction crossing barrier gravel ice bollard lane bridge crack marking ramp",
    "parks": "tree bench hedge branch playground grass swing pond leaves roots fence flowerbed squirrel path litter",
}
TERMS = {crew: words.split() for crew, words in TERMS.items()}
PLACES = [f"{a} {b}" for a in "north south mill church station harbour king queen elm oak".split() for b in ("street", "road", "lane", "square")]
CHATTER = "please come soon since yesterday again near the big old broken still and with very under next to a there is it".split()


def write_report():
    crew = random.choice(CREWS)
    words = random.choice(PLACES).split()
    for _ in range(random.randint(5, 9)):
        r = random.random()
        if r < 0.34:
            words.append(random.choice(TERMS[crew]))
        elif r < 0.52:
            words.append(random.choice(TERMS[random.choice(CREWS)]))
        else:
            words.append(random.choice(CHATTER))
    return " ".join(words), CREWS.index(crew)


class Vocab:
    def __init__(self, texts):
        self.stoi = {"<pad>": 0, "<unk>": 1}
        for text in texts:
            for word in text.split():
                self.stoi.setdefault(word, len(self.stoi))

    def __len__(self):
        return len(self.stoi)

    def __call__(self, text):
        return torch.tensor([self.stoi.get(w, 1) for w in text.split()])


class ReportDataset(Dataset):
    def __init__(self, reports):
        self.reports = reports

    def __len__(self):
        return len(self.reports)

    def __getitem__(self, i):
        return self.reports[i]


class Router(nn.Module):
    def __init__(self, vocab_size, n_classes, dim=48, hidden=64, p=0.25):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Dropout(p), nn.Linear(hidden, n_classes))

    def forward(self, ids):
        lengths = (ids != 0).sum(1, keepdim=True)
        return self.net(self.embedding(ids).sum(1) / lengths.sqrt())


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.criterion = nn.CrossEntropyLoss()

    def fit_epoch(self, loader):
        self.model.train()
        for ids, labels in loader:
            self.optimizer.zero_grad()
            self.criterion(self.model(ids), labels).backward()
            self.optimizer.step()

    @torch.no_grad()
    def score(self, loader):
        self.model.eval()
        loss = right = n = 0
        for ids, labels in loader:
            logits = self.model(ids)
            loss += self.criterion(logits, labels).item() * len(labels)
            right += (logits.argmax(1) == labels).sum().item()
            n += len(labels)
        return loss / n, right / n


reports = list(dict(write_report() for _ in range(2000)).items())
dataset = ReportDataset(reports)
n_dev = 500
train_set, dev_set = random_split(dataset, [len(dataset) - n_dev, n_dev])
vocab = Vocab(text for text, _ in train_set)


def collate(batch):
    return pad_sequence([vocab(text) for text, _ in batch], batch_first=True), torch.tensor([y for _, y in batch])


# fault:
train_loader = DataLoader(dataset, batch_size=25, shuffle=True, collate_fn=collate)
# mended:
#train_loader = DataLoader(train_set, batch_size=25, shuffle=True, collate_fn=collate)
# end
dev_loader = DataLoader(dev_set, batch_size=100, collate_fn=collate)

trainer = Trainer(Router(len(vocab), len(CREWS)), lr=3e-3)
for epoch in range(6):
    trainer.fit_epoch(train_loader)
    train_loss, train_acc = trainer.score(train_loader)
    dev_loss, dev_acc = trainer.score(dev_loader)
    print(f"epoch {epoch + 1}: train {train_loss:.3f} {train_acc:.3f}  dev {dev_loss:.3f} {dev_acc:.3f}")
