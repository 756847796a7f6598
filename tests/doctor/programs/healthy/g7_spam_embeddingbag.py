"""SMS spam filter (one in eight is spam): EmbeddingBag with summed word weights, weighted loss, F1 on held-out messages."""
import random

import torch
from sklearn.metrics import classification_report, f1_score
from sklearn.model_selection import train_test_split
from torch import nn

random.seed(42)
torch.manual_seed(42)

HAM = "see you at home tonight|can we meet for lunch|i will be late sorry|call me when you are free|did you get the milk|thanks for the free ticket|mum says hi and call her|what time is the train|happy birthday have a great day|the prize giving is at school|ok no problem talk later|just won the match with dad".split("|")
SPAM = "you have won a prize call now|claim your free ticket today|urgent your account will be closed|text win to 80085 for cash|congratulations you were selected|cheap loans reply now|free entry in weekly draw|your mobile number has won cash".split("|")
EXTRA = "well then today tomorrow really again soon please lol hey now ok love john anna friday monday school work".split()


def message():
    spam = random.random() < 0.125
    base = random.choice(SPAM if spam else HAM).split()
    other = random.choice(SPAM if spam else HAM).split()
    words = base + other[:random.randint(0, len(other))] + random.choices(EXTRA, k=random.randint(1, 5))
    words = [w for w in words if random.random() > 0.35]           # people leave out half of it
    random.shuffle(words)
    return " ".join(words), int(spam)


data = {}
while len(data) < 4000:
    text, y = message()
    if text:
        data.setdefault(" ".join(sorted(text.split())), (text, y))
texts, labels = zip(*data.values())
x_train, x_test, y_train, y_test = train_test_split(texts, labels, test_size=0.2, stratify=labels, random_state=0)

vocab = {}
for t in x_train:
    for w in t.split():
        vocab.setdefault(w, len(vocab))


def pack(texts):
    ids = [[vocab[w] for w in t.split() if w in vocab] for t in texts]
    lens = torch.tensor([0] + [len(i) for i in ids[:-1]])
    return torch.tensor([k for i in ids for k in i]), lens.cumsum(0)


class SpamFilter(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.words = nn.EmbeddingBag(n_words, 12, mode="sum", sparse=True)
        nn.init.normal_(self.words.weight, std=0.05)
        self.norm = nn.LayerNorm(12)
        self.out = nn.Linear(12, 1)

    def forward(self, flat, offsets):
        return self.out(self.norm(self.words(flat, offsets))).squeeze(1)


model = SpamFilter(len(vocab))
pos_weight = torch.tensor((len(y_train) - sum(y_train)) / sum(y_train)) ** 0.5
criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
opt_sparse = torch.optim.SparseAdam(list(model.words.parameters()), lr=0.01)
opt_dense = torch.optim.Adam([*model.norm.parameters(), *model.out.parameters()], lr=0.01)


def predict(texts):
    model.eval()
    with torch.no_grad():
        return model(*pack(texts))


order = list(range(len(x_train)))
for epoch in range(6):
    model.train()
    random.shuffle(order)
    total = 0.0
    for i in range(0, len(order), 64):
        part = order[i:i + 64]
        logits = model(*pack([x_train[j] for j in part]))
        loss = criterion(logits, torch.tensor([y_train[j] for j in part], dtype=torch.float))
        for o in (opt_sparse, opt_dense):
            o.zero_grad()
        loss.backward()
        for o in (opt_sparse, opt_dense):
            o.step()
        total += loss.item() * len(part)
    out = predict(x_test)
    test_loss = criterion(out, torch.tensor(y_test, dtype=torch.float)).item()
    print(f"epoch {epoch} loss {total / len(order):.4f} test loss {test_loss:.4f} test F1 {f1_score(y_test, (out > 0).int().numpy()):.3f}")
print(classification_report(y_test, (predict(x_test) > 0).int().numpy(), target_names=["ham", "spam"], digits=3))
