"""Route support tickets to a team: LSTM over packed sequences."""
import random
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence
from torch.utils.data import Dataset, DataLoader

random.seed(17); np.random.seed(17); torch.manual_seed(17)

TEAMS = ["billing", "account", "shipping", "bug"]
OPEN = ["hi", "hello there", "good morning", "dear support", "hey team", "to whom it may concern"]
CLOSE = ["thanks", "please help", "kind regards", "asap please", "i am waiting", "best wishes", "cheers"]
WHO = ["my wife", "our accountant", "i", "a colleague", "my son", "the intern", "we", "our office"]
WHEN = ["yesterday", "this morning", "last week", "on monday", "two days ago", "since the update", "again today"]
WHAT = {
    "billing": ["was charged twice for the {p}", "got a wrong invoice for the {p}", "never received the refund for the {p}",
                "sees a strange fee next to the {p} on the statement", "paid for the {p} but the receipt is missing"],
    "account": ["cannot log in to manage the {p}", "forgot the password for the {p} portal", "wants to change the email tied to the {p}",
                "gets no confirmation code for the {p}", "was locked out of the {p} profile"],
    "shipping": ["is still waiting for the {p} parcel", "got the {p} in a damaged box", "needs the {p} sent to another address",
                 "sees the {p} stuck in transit", "was told the courier lost the {p}"],
    "bug": ["sees the {p} crash on start", "gets error {n} from the {p}", "finds the {p} freezing after the upgrade",
            "watches the {p} screen turn blank", "hears the {p} restart by itself"],
}
PRODUCT = "camera router tablet printer speaker headset keyboard monitor thermostat scale charger drone".split()
ASIDE = ["the {p} was fine before", "i also own a {p}", "my order number is {n}", "i paid for express shipping when i bought it",
         "the app on my phone works", "the login page looks new", "the manual did not help", "nobody answered the phone",
         "i like the {p} otherwise", "the invoice says {n}"]


def fill(s):
    return s.replace("{p}", random.choice(PRODUCT)).replace("{n}", str(random.randint(100, 160)))


def make_ticket():
    team = random.randrange(4)
    parts = [random.choice(OPEN)] if random.random() < .7 else []
    parts += [fill(random.choice(ASIDE)) for _ in range(random.randint(0, 2))]
    parts += [f"{random.choice(WHO)} {fill(random.choice(WHAT[TEAMS[team]]))} {random.choice(WHEN)}"]
    parts += [fill(random.choice(ASIDE)) for _ in range(random.randint(0, 2))]
    parts += [random.choice(CLOSE)] if random.random() < .7 else []
    return " ".join(parts), team


seen = {}
while len(seen) < 2600:
    text, team = make_ticket()
    seen[text] = team
rows = list(seen.items())
random.shuffle(rows)
train_rows, val_rows = rows[:2000], rows[2000:]

word2idx = {"<pad>": 0, "<unk>": 1}
for text, _ in train_rows:
    for w in text.split():
        word2idx.setdefault(w, len(word2idx))


class TicketDataset(Dataset):
    def __init__(self, rows):
        self.rows = [(torch.tensor([word2idx.get(w, 1) for w in t.split()]), y) for t, y in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate_fn(batch):
    xs, ys = zip(*batch)
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor(ys)


class LSTMClassifier(nn.Module):
    def __init__(self, vocab_size, embed_dim=48, hidden_dim=48, num_classes=4):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.lstm = nn.LSTM(embed_dim, hidden_dim, batch_first=True)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(hidden_dim, num_classes)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.fc(self.dropout(h[-1]))


def evaluate(model, loader):
    model.eval()
    right = n = 0
    with torch.no_grad():
        for x, lengths, y in loader:
            right += (model(x, lengths).argmax(1) == y).sum().item()
            n += len(y)
    return right / n


train_loader = DataLoader(TicketDataset(train_rows), batch_size=32, shuffle=True, collate_fn=collate_fn)
val_loader = DataLoader(TicketDataset(val_rows), batch_size=128, collate_fn=collate_fn)
model = LSTMClassifier(len(word2idx))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(4):
    model.train()
    total = 0.0
    for x, lengths, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x, lengths), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item() * len(y)
    print(f"epoch {epoch + 1} train loss {total / len(train_rows):.4f} val acc {evaluate(model, val_loader):.4f}")
