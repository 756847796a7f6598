"""5-fold cross validation of a commit message classifier (feat / fix / docs / refactor)."""
import random
import torch
import torch.nn as nn

random.seed(29)
torch.manual_seed(29)
KINDS = {"feat": ["add", "support", "introduce", "implement", "new", "allow", "enable"],
         "fix": ["fix", "crash", "null", "regression", "handle", "bug", "leak"],
         "docs": ["readme", "typo", "comment", "document", "changelog", "example", "guide"],
         "refactor": ["rename", "extract", "cleanup", "move", "simplify", "split", "dedupe"]}
OBJ = "parser cache login button api client index worker queue cli config table socket test route".split()
LABELS = list(KINDS)


def commit():
    k = random.choice(LABELS)
    w = random.choices(KINDS[k], k=random.randint(1, 2)) + random.choices(OBJ, k=random.randint(2, 5))
    if random.random() < 0.12:
        w.append(random.choice(KINDS[random.choice(LABELS)]))
    random.shuffle(w)
    return w, LABELS.index(k)


rows = list({tuple(w): (w, k) for w, k in (commit() for _ in range(1700))}.values())[:1500]
vocab = {w: i + 1 for i, w in enumerate(sorted({t for ws, _ in rows for t in ws}))}
LEN = max(len(w) for w, _ in rows)
X = torch.tensor([[vocab[t] for t in w] + [0] * (LEN - len(w)) for w, _ in rows])
Y = torch.tensor([k for _, k in rows])


class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(24, 24, k, padding=k // 2) for k in (1, 3)])
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(48, len(LABELS))

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        live = (x > 0).unsqueeze(1).float()
        h = [(torch.relu(c(e)) * live).amax(2) for c in self.convs]
        return self.fc(self.drop(torch.cat(h, 1)))


class Trainer:
    def __init__(self, make_model, lr=3e-3, epochs=8):
        self.make_model, self.lr, self.epochs = make_model, lr, epochs
        self.reset()

    def reset(self):
        self.model = self.make_model()
        self.opt = torch.optim.Adam(self.model.parameters(), lr=self.lr)
        self.loss = nn.CrossEntropyLoss()

    def fit(self, x, y):
        for _ in range(self.epochs):
            self.model.train()
            total = 0.0
            for b in torch.randperm(len(x)).split(32):
                self.opt.zero_grad()
                loss = self.loss(self.model(x[b]), y[b])
                loss.backward()
                self.opt.step()
                total += loss.item() * len(b)
        return total / len(x)

    @torch.no_grad()
    def accuracy(self, x, y):
        self.model.eval()
        return (self.model(x).argmax(1) == y).float().mean().item()


trainer = Trainer(TextCNN)
folds = torch.randperm(len(X)).chunk(5)
scores = []
for k, held in enumerate(folds):
    rest = torch.cat([f for j, f in enumerate(folds) if j != k])
    # fault:
    trainer.model = TextCNN()
    # mended:
    # trainer.reset()
    # end
    last = trainer.fit(X[rest], Y[rest])
    scores.append(trainer.accuracy(X[held], Y[held]))
    print(f"fold {k}: train loss {last:.4f}  acc {scores[-1]:.4f}")
print("cv accuracy %.4f" % (sum(scores) / len(scores)))
