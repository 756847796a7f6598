"""Dialogue act tagging with attention over the preceding turns (after Raheja & Tetreault 2019, much reduced).

"okay" after a question is an answer, after a statement a backchannel, and first in the dialogue an opening, etc.
"""
import math
import random

import torch
from torch import nn

random.seed(11)
torch.manual_seed(11)

ACTS = ["statement", "question", "answer", "backchannel", "opening"]
WORDS = {
    "statement": "we went there last summer it was raining all week my sister moved house".split(),
    "question": "do you think so what about where did who told when is".split(),
    "amb": "okay right yeah sure well mhm".split(),
}


def dialogue():
    turns, prev = [], None
    for _ in range(random.randint(3, 7)):
        kind = random.choice(["statement", "question", "amb"])
        text = random.choices(WORDS[kind], k=random.randint(2, 5))
        if kind != "amb":
            act = kind
        else:
            act = "opening" if prev is None else "answer" if prev == "question" else "backchannel"
        turns.append((text, ACTS.index(act)))
        prev = kind
    return turns


vocab = {"<pad>": 0}
for ws in WORDS.values():
    for w in ws:
        vocab.setdefault(w, len(vocab))


def collate(dialogues):
    n_turn, n_word = max(map(len, dialogues)), 5
    ids = torch.zeros(len(dialogues), n_turn, n_word, dtype=torch.long)
    acts = torch.full((len(dialogues), n_turn), -100)
    for i, d in enumerate(dialogues):
        for j, (text, act) in enumerate(d):
            ids[i, j, :len(text)] = torch.tensor([vocab[w] for w in text])
            acts[i, j] = act
    return ids, acts


class HistoryTagger(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d, padding_idx=0)
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.dist = nn.Parameter(torch.zeros(8))              # how far back
        self.start = nn.Parameter(torch.randn(d) * 0.1)       # stands for the time before the dialogue
        self.mlp = nn.Sequential(nn.Linear(2 * d, 48), nn.ReLU(), nn.Linear(48, len(ACTS)))

    def forward(self, ids):
        n = (ids != 0).sum(-1, keepdim=True).clamp(min=1)
        turn = self.emb(ids).sum(2) / n                       # (B, T, d)
        B, T, d = turn.shape
        # fault:
        past = turn
        offset = 0
        # mended:
        # past = torch.cat([self.start.expand(B, 1, d), turn], 1)
        # offset = 1
        # end
        cur = torch.arange(T)[:, None] + offset
        back = cur - torch.arange(T + offset)[None, :]        # turns back, > 0 is history
        scores = self.q(turn) @ self.k(past).transpose(1, 2) / math.sqrt(d)
        scores = scores + self.dist[back.clamp(0, 7)]
        scores = scores.masked_fill(back <= 0, float("-inf"))
        context = scores.softmax(-1) @ self.v(past)
        return self.mlp(torch.cat([turn, context], -1))


train = [dialogue() for _ in range(900)]
dev = [dialogue() for _ in range(200)]
model = HistoryTagger()
opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
ce = nn.CrossEntropyLoss(ignore_index=-100)


def evaluate(dialogues):
    model.eval()
    ids, acts = collate(dialogues)
    with torch.no_grad():
        pred = model(ids).argmax(-1)
    real = acts >= 0
    per_act = [round((pred[acts == a] == a).float().mean().item(), 2) for a in range(len(ACTS))]
    return (pred[real] == acts[real]).float().mean().item(), per_act


for epoch in range(7):
    model.train()
    random.shuffle(train)
    loss_sum = 0
    for i in range(0, len(train), 30):
        ids, acts = collate(train[i:i + 30])
        loss = ce(model(ids).flatten(0, 1), acts.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        loss_sum += loss.item()
    print(f"epoch {epoch}  loss {loss_sum / 30:.4f}  dev acc {evaluate(dev)[0]:.3f}")
acc, per_act = evaluate(dev)
print("dev", round(acc, 3), dict(zip(ACTS, per_act)), " train", round(evaluate(train)[0], 3))
