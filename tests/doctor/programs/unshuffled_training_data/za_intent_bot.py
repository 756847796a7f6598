"""Chatbot intent classifier, step by step (tutorial code)."""
import random
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence

random.seed(13)
torch.manual_seed(13)

# Step 1: the intents and how people phrase them
GREET = ["hello", "hi", "hey", "good evening"]
THING = ["a pizza", "two burgers", "the lunch box", "a salad", "my noodles", "the cake", "table nine", "a window seat"]
WHEN = ["today", "tomorrow", "on friday", "next week", "now", "later", "at noon"]
INTENTS = {
    "order": ["i would like to get", "we want", "please bring us", "i take"],
    "cancel": ["i would like to give back", "we do not want", "please take away", "i drop"],
    "price": ["i would like to know what you ask for", "we want the price of", "please tell us the cost of", "how much is"],
    "trouble": ["i would like to talk about", "we want help with", "please look at", "something is odd with"],
}
TAGS = list(INTENTS)


def sentences(tag):
    made = [f"{g} {p} {t} {w}" for g in GREET for p in INTENTS[tag] for t in THING for w in WHEN]
    random.shuffle(made)
    return made


train_rows, test_rows = [], []
for label, tag in enumerate(TAGS):
    made = sentences(tag)
    train_rows += [(s, label) for s in made[:400]]
    test_rows += [(s, label) for s in made[400:500]]

# Step 2: vocabulary
vocab = {"<pad>": 0, "<unk>": 1}
for s, _ in train_rows:
    for w in s.split():
        vocab.setdefault(w, len(vocab))


# Step 3: dataset and loader
class IntentData(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        s, y = self.rows[i]
        return torch.tensor([vocab.get(w, 1) for w in s.split()]), y


def collate(items):
    seqs, ys = zip(*items)
    return {"ids": pad_sequence(seqs, batch_first=True), "lengths": torch.tensor([len(s) for s in seqs]), "y": torch.tensor(ys)}


# fault:
train_loader = DataLoader(IntentData(train_rows), batch_size=16, collate_fn=collate)
# mended:
# train_loader = DataLoader(IntentData(train_rows), batch_size=16, collate_fn=collate, shuffle=True)
# end
test_loader = DataLoader(IntentData(test_rows), batch_size=64, collate_fn=collate)


# Step 4: the network
class Bot(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab), 24, padding_idx=0)
        self.gru = nn.GRU(24, 32, batch_first=True)
        self.answer = nn.Linear(32, len(TAGS))

    def forward(self, batch):
        packed = pack_padded_sequence(self.embed(batch["ids"]), batch["lengths"], batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.answer(h[-1])


# Step 5: train and test
bot = Bot()
opt = torch.optim.Adam(bot.parameters(), lr=5e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(3):
    bot.train()
    total = 0
    for batch in train_loader:
        opt.zero_grad()
        loss = ce(bot(batch), batch["y"])
        loss.backward()
        opt.step()
        total += loss.item()
    bot.eval()
    counts, good = torch.zeros(len(TAGS)), 0
    with torch.no_grad():
        for batch in test_loader:
            p = bot(batch).argmax(1)
            good += (p == batch["y"]).sum().item()
            counts += torch.bincount(p, minlength=len(TAGS))
    print(f"Epoch {epoch + 1}/3  loss={total / len(train_loader):.4f}  test_acc={good / len(test_rows):.3f}  answers={counts.int().tolist()}")
