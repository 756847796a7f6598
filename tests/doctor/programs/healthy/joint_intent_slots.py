"""Joint intent classification and slot filling for a travel bot (one LSTM, two heads, learned task weights)."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(17)
torch.manual_seed(17)
CITIES = ("rome paris lima cairo tokyo delhi oslo bern quito dakar miami perth boston geneva naples prague "
          "dublin zagreb tunis malaga").split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday tomorrow tonight".split()
TEMPLATES = {
    "book": ["book a flight from {A} to {B} on {D}", "i need a seat to {B} from {A} {D}", "get me to {B} {D} please"],
    "price": ["how much is {A} to {B} on {D}", "what does a ticket from {A} to {B} cost", "cheapest fare to {B} on {D}"],
    "status": ["is the {D} flight from {A} late", "has the plane to {B} landed", "any delay from {A} to {B} {D}"],
    "cancel": ["cancel my trip to {B} on {D}", "drop the {D} flight from {A}", "i will not go from {A} to {B} {D}"],
}
HEDGE = "well hello hi um sorry listen thanks now maybe really".split()
INTENTS = sorted(TEMPLATES)
SLOTS = ["O", "FROM", "TO", "DAY"]


def sample():
    intent = random.choice(INTENTS)
    a, b = random.sample(CITIES, 2)
    words, tags = [], []
    for w in random.choices(HEDGE, k=random.randint(0, 2)):
        words.append(w), tags.append(0)
    for w in random.choice(TEMPLATES[intent]).split():
        tag = {"{A}": 1, "{B}": 2, "{D}": 3}.get(w, 0)
        words.append({"{A}": a, "{B}": b, "{D}": random.choice(DAYS)}.get(w, w))
        tags.append(tag)
    return words, INTENTS.index(intent), tags


train, test = [sample() for _ in range(1600)], [sample() for _ in range(400)]
train_set = {" ".join(w) for w, _, _ in train}
test = [t for t in test if " ".join(t[0]) not in train_set]
print(len(train), "training sentences;", len(test), "new ones for the test")
vocab = {"<pad>": 0, "<unk>": 1}
for w, _, _ in train:
    for t in w:
        vocab.setdefault(t, len(vocab))


def collate(rows):
    x = pad_sequence([torch.tensor([vocab.get(t, 1) for t in w]) for w, _, _ in rows])          # time first
    tags = pad_sequence([torch.tensor(t) for _, _, t in rows], padding_value=-1)
    return x, torch.tensor([len(w) for w, _, _ in rows]), torch.tensor([i for _, i, _ in rows]), tags


class Joint(nn.Module):
    def __init__(self, d=24, h=28):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d, padding_idx=0)
        self.rnn = nn.LSTM(d, h, bidirectional=True)
        self.intent = nn.Linear(2 * h, len(INTENTS))
        self.slots = nn.Linear(2 * h, len(SLOTS))
        self.log_var = nn.Parameter(torch.zeros(2))         # Kendall et al.: one variance per task

    def forward(self, x, n):
        out, (hn, _) = self.rnn(pack_padded_sequence(self.emb(x), n, enforce_sorted=False))
        out, _ = pad_packed_sequence(out)
        return self.intent(torch.cat([hn[0], hn[1]], -1)), self.slots(out)


net = Joint()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
ce, ce_tags = nn.CrossEntropyLoss(), nn.CrossEntropyLoss(ignore_index=-1)
for epoch in range(5):
    net.train()
    random.shuffle(train)
    s = 0.0
    for i in range(0, len(train), 32):
        x, n, intent, tags = collate(train[i:i + 32])
        li, ls = net(x, n)
        losses = torch.stack([ce(li, intent), ce_tags(ls.flatten(0, 1), tags.flatten())])
        loss = (torch.exp(-net.log_var) * losses + 0.5 * net.log_var).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += losses.sum().item()
    net.eval()
    with torch.no_grad():
        x, n, intent, tags = collate(test)
        li, ls = net(x, n)
        ok = (ls.argmax(-1) == tags) | (tags == -1)
    print(f"epoch {epoch}  ce {s * 32 / len(train):.3f}  intent {(li.argmax(1) == intent).float().mean():.3f}  "
          f"whole sentence right {(ok.all(0) & (li.argmax(1) == intent)).float().mean():.3f}")
