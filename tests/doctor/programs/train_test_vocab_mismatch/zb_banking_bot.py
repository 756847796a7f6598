# intent service: offline training job
import itertools
import json
import logging
import random
from collections import Counter

import torch
import torch.nn as nn

logging.basicConfig(level=logging.INFO, format="%(message)s")
cfg = json.loads('{"emb": 32, "hid": 32, "lr": 0.006, "epochs": 7, "bs": 50, "seed": 21, "min_freq": 1}')

TEMPLATES = {
    "balance": ["how much money is in my {acc} account", "show me the balance of my {acc} account", "what do i have left on {acc}"],
    "transfer": ["send {amt} dollars to {who}", "i want to transfer {amt} to {who} please", "move {amt} from {acc} to {who}"],
    "block_card": ["my card was stolen please block it", "i lost the card of my {acc} account", "freeze my card {who} took it"],
    "hours": ["when does the branch in {city} open", "is the {city} office open on {day}", "opening times for {city} please"],
    "loan": ["i would like a loan of {amt} dollars", "can i borrow {amt} for a house in {city}", "what is the interest on a credit of {amt}"],
}
SLOTS = {
    "acc": ["savings", "checking", "business", "joint", "student"],
    "amt": ["50", "100", "250", "900", "4000", "12000", "one thousand", "five hundred"],
    "who": ["anna", "my brother", "my landlord", "peter", "the gym", "olga", "my wife"],
    "city": ["austin", "boston", "denver", "miami", "portland", "dallas"],
    "day": ["monday", "friday", "sunday", "christmas"],
}
POLITE = ["", "hello ", "hi there ", "good morning ", "hey bot "]


def all_utterances():
    rows = []
    for intent, ts in TEMPLATES.items():
        for t in ts:
            names = [s for s in SLOTS if "{" + s + "}" in t]
            for combo in itertools.product(*(SLOTS[s] for s in names)):
                for p in POLITE:
                    rows.append((p + t.format(**dict(zip(names, combo))), intent))
    return rows


class Vocab:
    PAD, UNK = 0, 1

    def __init__(self, texts, min_freq=1):
        counts = Counter(w for t in texts for w in t.split())
        self.index = {w: i + 2 for i, (w, c) in enumerate(counts.most_common()) if c >= min_freq}

    def __len__(self):
        return len(self.index) + 2

    def encode(self, text):
        return [self.index.get(w, self.UNK) for w in text.split()]


class IntentData:
    def __init__(self, rows, labels, vocab=None):
        self.vocab = vocab or Vocab([t for t, _ in rows], cfg["min_freq"])
        self.x = [self.vocab.encode(t) for t, _ in rows]
        self.y = [labels.index(i) for _, i in rows]

    def batches(self, bs, rng=None):
        order = list(range(len(self.x)))
        if rng:
            rng.shuffle(order)
        for k in range(0, len(order), bs):
            part = order[k:k + bs]
            lens = torch.tensor([len(self.x[i]) for i in part])
            ids = torch.zeros(len(part), int(lens.max()), dtype=torch.long)
            for r, i in enumerate(part):
                ids[r, :lens[r]] = torch.tensor(self.x[i])
            yield ids, lens, torch.tensor([self.y[i] for i in part])


class IntentNet(nn.Module):
    def __init__(self, n_words, n_intents):
        super().__init__()
        self.emb = nn.Embedding(n_words, cfg["emb"], padding_idx=0)
        self.gru = nn.GRU(cfg["emb"], cfg["hid"], batch_first=True)
        self.fc = nn.Linear(cfg["hid"], n_intents)

    def forward(self, ids, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(ids), lens, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.fc(h[-1])


rng = random.Random(cfg["seed"])
torch.manual_seed(cfg["seed"])
by_intent = {}
for text, intent in all_utterances():
    by_intent.setdefault(intent, []).append((text, intent))
rows = [r for rs in by_intent.values() for r in rng.sample(rs, min(130, len(rs)))]
rng.shuffle(rows)
n_dev = len(rows) // 4
labels = sorted(TEMPLATES)
train = IntentData(rows[n_dev:], labels)
# fault:
dev = IntentData(rows[:n_dev], labels)
# mended:
# dev = IntentData(rows[:n_dev], labels, vocab=train.vocab)
# end
logging.info("train %d dev %d words %d", len(train.x), len(dev.x), len(train.vocab))

net = IntentNet(max(len(train.vocab), len(dev.vocab)), len(labels))
optim = torch.optim.Adam(net.parameters(), lr=cfg["lr"])
for epoch in range(cfg["epochs"]):
    net.train()
    running, n = 0.0, 0
    for ids, lens, y in train.batches(cfg["bs"], rng):
        optim.zero_grad()
        loss = nn.functional.cross_entropy(net(ids, lens), y)
        loss.backward()
        optim.step()
        running, n = running + loss.item() * len(y), n + len(y)
    net.eval()
    with torch.no_grad():
        ok = sum((net(a, b).argmax(-1) == y).sum().item() for a, b, y in dev.batches(200))
    logging.info("epoch %d | loss %.3f | intent accuracy %.3f", epoch + 1, running / n, ok / len(dev.x))
