import random
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from sklearn.metrics import f1_score, accuracy_score

# Court dockets: a case is a list of procedural events; what is its state at the end of the list?
# The last party that won a motion and the pending requests decide.

SEED = 404
random.seed(SEED)
torch.manual_seed(SEED)

EVENTS = ["<pad>", "complaint", "answer", "motion_dismiss", "motion_summary", "motion_extend", "granted", "denied",
          "discovery", "deposition", "hearing", "continuance", "amended_complaint", "settlement_talks", "notice",
          "stay", "stay_lifted", "exhibit", "subpoena", "withdrawn"]
ID = {e: i for i, e in enumerate(EVENTS)}
STATES = ["open", "motion pending", "plaintiff ahead", "stayed"]
FILLER = ["discovery", "deposition", "hearing", "continuance", "notice", "exhibit", "subpoena", "settlement_talks"]
MAX_EVENTS = 40


def make_case():
    n = random.choice([random.randint(4, 12)] * 5 + [random.randint(13, MAX_EVENTS)])
    events, state, pending = ["complaint"], "open", False
    while len(events) < n:
        r = random.random()
        if state == "stayed":
            if r < 0.25:
                events.append("stay_lifted")
                state = "open"
            else:
                events.append(random.choice(FILLER))
        elif state == "motion pending":
            if r < 0.30:
                events.append("denied")
                state = "plaintiff ahead"
            elif r < 0.50:
                events.append(random.choice(["granted", "withdrawn"]))
                state = "open"
            else:
                events.append(random.choice(FILLER))
        else:
            if r < 0.25:
                events.append(random.choice(["motion_dismiss", "motion_summary"]))
                state = "motion pending"
            elif r < 0.37:
                events.append("stay")
                state = "stayed"
            elif r < 0.47 and state == "plaintiff ahead":
                events.append("amended_complaint")
                state = "open"
            else:
                events.append(random.choice(FILLER + ["answer", "motion_extend"]))
    return events, STATES.index(state)


def corpus(n, banned=()):
    seen, rows = set(banned), []
    while len(rows) < n:
        events, y = make_case()
        if tuple(events) not in seen:
            seen.add(tuple(events))
            rows.append((events, y))
    return rows


def collate(rows):
    x = torch.zeros(len(rows), MAX_EVENTS, dtype=torch.long)
    for i, (events, _) in enumerate(rows):
        x[i, :len(events)] = torch.tensor([ID[e] for e in events])
    return x, torch.tensor([len(e) for e, _ in rows]), torch.tensor([y for _, y in rows])


class DocketModel(nn.Module):
    def __init__(self, emb=16, hid=32):
        super().__init__()
        self.emb = nn.Embedding(len(EVENTS), emb, padding_idx=0)
        self.rnn = nn.LSTM(emb, hid, batch_first=True)
        self.fc = nn.Linear(hid, len(STATES))

    def forward(self, x, n):
        out, _ = self.rnn(self.emb(x))
        # fault:
        last = out[:, -1]
        # mended:
        #last = out[torch.arange(len(x)), n - 1]
        # end
        return self.fc(last)


def run(model, loader, opt=None):
    model.train(opt is not None)
    gold, guess, losses = [], [], []
    with torch.set_grad_enabled(opt is not None):
        for x, n, y in loader:
            z = model(x, n)
            loss = nn.functional.cross_entropy(z, y)
            if opt:
                opt.zero_grad()
                loss.backward()
                opt.step()
            losses.append(loss.item() * len(y))
            gold += y.tolist()
            guess += z.argmax(1).tolist()
    return sum(losses) / len(gold), accuracy_score(gold, guess), f1_score(gold, guess, average="macro", zero_division=0)


train_rows = corpus(1600)
test_rows = corpus(500, banned=[tuple(e) for e, _ in train_rows])
train_dl = DataLoader(train_rows, 60, shuffle=True, collate_fn=collate)
test_dl = DataLoader(test_rows, 250, collate_fn=collate)
model = DocketModel()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
top = max(sum(y == k for _, y in test_rows) for k in range(len(STATES))) / len(test_rows)
print(f"largest class {top:.3f}")
for epoch in range(5):
    tr = run(model, train_dl, opt)
    te = run(model, test_dl)
    print("epoch %d  train loss %.3f acc %.3f | unseen cases loss %.3f acc %.3f macro-F1 %.3f" % (epoch + 1, tr[0], tr[1], *te))
