# 3-fold CV for the "banking intents" playground competition
import numpy as np
import torch
import torch.nn as nn
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold

np.random.seed(42)
torch.manual_seed(42)

INTENTS = {
    "lost_card": ["lost", "stolen", "missing", "block", "freeze", "replace"],
    "balance": ["balance", "left", "available", "much", "funds", "total"],
    "transfer": ["send", "transfer", "wire", "recipient", "iban", "move"],
    "loan": ["loan", "mortgage", "borrow", "rate", "instalment", "credit"],
    "pin": ["pin", "forgot", "code", "unlock", "reset", "digits"],
}
COMMON = ("hello please my card account i need the to how can do bank help now today want with it is app "
          "money a for you could what online branch").split()
labels = list(INTENTS)


def utterance(intent):
    n = np.random.randint(4, 10)
    words = list(np.random.choice(COMMON, n))
    for _ in range(np.random.randint(1, 3)):
        source = intent if np.random.rand() < 0.92 else labels[np.random.randint(len(labels))]
        words.insert(np.random.randint(len(words)), np.random.choice(INTENTS[source]))
    return " ".join(words)


texts, y = [], []
known = set()
while len(texts) < 1200:
    k = np.random.randint(len(labels))
    t = utterance(labels[k])
    if t not in known:
        known.add(t)
        texts.append(t)
        y.append(k)
y = np.array(y)

analyze = CountVectorizer(token_pattern=r"\w+").build_analyzer()
MAXLEN = 14


class IntentNet(nn.Module):
    def __init__(self, n_vocab, n_out, d=20, h=20):
        super().__init__()
        self.emb = nn.Embedding(n_vocab, d, padding_idx=0)
        self.rnn = nn.GRU(d, h, batch_first=True)
        self.query = nn.Linear(h, 1)
        self.head = nn.Linear(h, n_out)

    def forward(self, x):
        h, _ = self.rnn(self.emb(x))
        a = self.query(h).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(1)
        return self.head((a.unsqueeze(-1) * h).sum(1))


def to_ids(docs, vocab):
    x = torch.zeros(len(docs), MAXLEN, dtype=torch.long)
    for i, d in enumerate(docs):
        ids = [vocab.get(w, 1) for w in analyze(d)][:MAXLEN]
        x[i, :len(ids)] = torch.tensor(ids)
    return x


vocab = {"<pad>": 0, "<unk>": 1}
for w in COMMON + sum(INTENTS.values(), []):
    vocab.setdefault(w, len(vocab))
X = to_ids(texts, vocab)
Y = torch.tensor(y)

model = IntentNet(len(vocab), len(labels))
optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
criterion = nn.CrossEntropyLoss()
oof = np.zeros(len(y), dtype=int)

for fold, (tr, va) in enumerate(StratifiedKFold(3, shuffle=True, random_state=0).split(texts, y)):
    # fault:
    model = IntentNet(len(vocab), len(labels))
    # mended:
    #model = IntentNet(len(vocab), len(labels))
    #optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    # end
    tr, va = torch.tensor(tr), torch.tensor(va)
    for epoch in range(5):
        model.train()
        run = 0.0
        for idx in tr[torch.randperm(len(tr))].split(32):
            optimizer.zero_grad()
            loss = criterion(model(X[idx]), Y[idx])
            loss.backward()
            optimizer.step()
            run += loss.item() * len(idx)
        model.eval()
        with torch.no_grad():
            out = model(X[va])
            print(f"fold {fold} epoch {epoch} train {run / len(tr):.3f} valid {criterion(out, Y[va]).item():.3f} "
                  f"acc {accuracy_score(Y[va], out.argmax(1)):.3f}")
    oof[va] = out.argmax(1).numpy()

print("CV accuracy:", round(accuracy_score(y, oof), 4))
