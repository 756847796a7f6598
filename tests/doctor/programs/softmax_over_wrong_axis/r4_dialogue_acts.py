"""Dialogue-act tagging of support chats: every turn of a chat is one id from a codebook of 90 templates, and every turn
gets an act. The same template can be a different act after a question than after a greeting, so context counts."""
import argparse
import random
from collections import Counter

import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--chats", type=int, default=1800)
p.add_argument("--epochs", type=int, default=7)
p.add_argument("--lr", type=float, default=5e-3)
args = p.parse_args()
random.seed(17)
torch.manual_seed(17)

ACTS = ["greeting", "question", "answer", "request", "promise", "thanks"]
N_TEMPLATES = 90
IGNORE = -100
# each act owns some templates; "short" templates (yes, ok, sure ...) take their act from the turn before
own = {a: list(range(10 * i, 10 * i + 10)) for i, a in enumerate(ACTS)}
short = list(range(60, 90))
follow = {"greeting": "greeting", "question": "answer", "answer": "thanks", "request": "promise", "promise": "thanks",
          "thanks": "greeting"}
nxt = {"greeting": ["question", "request"], "question": ["answer", "question"], "answer": ["thanks", "question", "request"],
       "request": ["promise", "question"], "promise": ["thanks", "request"], "thanks": ["greeting", "thanks", "request"]}


def chat():
    turns, acts = [], []
    act = random.choice(["greeting", "greeting", "request"])
    for i in range(random.randint(2, 6)):
        if i and random.random() < 0.3:
            act = follow[act]
            turns.append(random.choice(short))
        else:
            act = random.choice(nxt[act]) if i else act
            pool = own[act] if random.random() < 0.95 else list(range(60))
            turns.append(random.choice(pool))
        acts.append(ACTS.index(act))
    return tuple(turns), acts


def collect(n, known):
    rows = []
    while len(rows) < n:
        turns, acts = chat()
        if turns not in known:
            known.add(turns)
            rows.append((turns, acts))
    return rows


known = set()
train, valid = collect(args.chats, known), collect(250, known)


def pack(rows):
    T = max(len(t) for t, _ in rows)
    x = torch.full((len(rows), T), N_TEMPLATES)
    y = torch.full((len(rows), T), IGNORE)
    for i, (turns, acts) in enumerate(rows):
        x[i, :len(turns)] = torch.tensor(turns)
        y[i, :len(acts)] = torch.tensor(acts)
    return x, y


class ActTagger(nn.Module):
    def __init__(self, dim=20, hidden=32):
        super().__init__()
        self.template = nn.Embedding(N_TEMPLATES + 1, dim, padding_idx=N_TEMPLATES)
        self.rnn = nn.GRU(dim, hidden, batch_first=True)
        self.proj = nn.Linear(hidden, len(ACTS))
        # fault:
        self.normalise = nn.LogSoftmax(dim=1)
        # mended:
        #self.normalise = nn.LogSoftmax(dim=-1)
        # end

    def forward(self, x):
        states, _ = self.rnn(self.template(x))
        return self.normalise(self.proj(states))


tagger = ActTagger()
opt = torch.optim.Adam(tagger.parameters(), lr=args.lr)
nll = nn.NLLLoss(ignore_index=IGNORE)


def act_scores(rows):
    """accuracy over turns, and recall of each act"""
    tagger.eval()
    right, total = Counter(), Counter()
    with torch.no_grad():
        for i in range(0, len(rows), 100):
            x, y = pack(rows[i:i + 100])
            guess = tagger(x).argmax(-1)
            for g, t in zip(guess[y != IGNORE].tolist(), y[y != IGNORE].tolist()):
                total[t] += 1
                right[t] += g == t
    return sum(right.values()) / sum(total.values()), {a: round(right[i] / max(1, total[i]), 2) for i, a in enumerate(ACTS)}


most = Counter(a for _, acts in valid for a in acts).most_common(1)[0]
print(f"{len(train)} chats, {len(valid)} for validation; most frequent act: {ACTS[most[0]]}, "
      f"{most[1] / sum(len(a) for _, a in valid):.3f}")
for epoch in range(1, args.epochs + 1):
    tagger.train()
    random.shuffle(train)
    total = steps = 0
    for i in range(0, len(train), 30):
        x, y = pack(train[i:i + 30])
        loss = nll(tagger(x).transpose(1, 2), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, steps = total + loss.item(), steps + 1
    if epoch % 2 == 1:
        print(f"epoch {epoch:2d}  loss {total / steps:.4f}  turns tagged right {act_scores(valid)[0]:.3f}")
print("train", *act_scores(train))
print("valid", *act_scores(valid))
