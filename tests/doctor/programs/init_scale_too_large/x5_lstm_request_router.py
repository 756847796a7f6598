# Routes chat messages of a bank to one of five desks. LSTM classifier.
import random
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence
from torch.utils.data import Dataset, DataLoader

SEED = 1234
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

OPEN = ["hello", "hi there", "good morning", "excuse me", "hey", "dear team", "sorry to bother you"]
MID = ["i think", "it seems", "since yesterday", "for some reason", "as far as i know", "once again", "today"]
END = ["please help", "thanks", "can you check", "what should i do", "kind regards", "waiting for an answer", "thank you in advance"]
DESK = {
    "cards": ["my card was declined", "the atm kept my card", "i lost my visa", "my pin is blocked", "the new card never came"],
    "loans": ["the mortgage rate changed", "i want to borrow money", "my credit application is pending", "the instalment is too high", "i would repay the loan early"],
    "login": ["the app rejects my password", "i cannot sign in", "the code by sms never came", "my account is locked", "the website logs me out"],
    "transfer": ["my payment is missing", "i sent money to the wrong iban", "the wire takes too long", "a standing order failed", "the transfer was booked twice"],
    "fees": ["you charged me twelve euros", "the monthly fee went up", "what does the account cost", "i was billed for paper statements", "the commission is too high"],
}
LABELS = sorted(DESK)


def make(n):
    seen = {}
    while len(seen) < n:
        lab = random.choice(LABELS)
        s = f"{random.choice(OPEN)} {random.choice(MID)} {random.choice(DESK[lab])} {random.choice(MID)} {random.choice(END)}"
        if random.random() < 0.3:
            toks = s.split()
            toks.pop(random.randrange(len(toks)))
            s = " ".join(toks)
        seen[s] = LABELS.index(lab)
    items = list(seen.items())
    random.shuffle(items)
    return items


data = make(2200)
train_data, valid_data = data[:1700], data[1700:]
vocab = {"<pad>": 0, "<unk>": 1}
for s, _ in train_data:
    for w in s.split():
        vocab.setdefault(w, len(vocab))


class Messages(Dataset):
    def __init__(self, rows):
        self.x = [torch.tensor([vocab.get(w, 1) for w in s.split()]) for s, _ in rows]
        self.y = [y for _, y in rows]

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def collate(batch):
    xs, ys = zip(*batch)
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor(ys)


class LSTMClassifier(nn.Module):
    def __init__(self, n_vocab, emb_dim=32, hid_dim=48, n_out=5):
        super().__init__()
        self.embedding = nn.Embedding(n_vocab, emb_dim, padding_idx=0)
        self.rnn = nn.LSTM(emb_dim, hid_dim, batch_first=True)
        self.fc = nn.Linear(hid_dim, n_out)

    def forward(self, text, lengths):
        packed = pack_padded_sequence(self.embedding(text), lengths, batch_first=True, enforce_sorted=False)
        _, (hidden, _) = self.rnn(packed)
        return self.fc(hidden[-1])


def init_weights(m):
    for name, param in m.named_parameters():
        if "weight" in name:
            # fault:
            nn.init.normal_(param.data, mean=0, std=1)
            # mended:
            # nn.init.normal_(param.data, mean=0, std=0.1)
            # end
        else:
            nn.init.constant_(param.data, 0)
    with torch.no_grad():
        m.embedding.weight[0].zero_()


model = LSTMClassifier(len(vocab))
init_weights(model)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
train_loader = DataLoader(Messages(train_data), batch_size=32, shuffle=True, collate_fn=collate)
valid_loader = DataLoader(Messages(valid_data), batch_size=128, collate_fn=collate)


def evaluate(loader):
    model.eval()
    hits = loss = n = 0
    with torch.no_grad():
        for text, lengths, y in loader:
            out = model(text, lengths)
            loss += criterion(out, y).item() * len(y)
            hits += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss / n, hits / n


for epoch in range(5):
    model.train()
    run = 0.0
    for text, lengths, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(text, lengths), y)
        loss.backward()
        optimizer.step()
        run += loss.item()
    vl, va = evaluate(valid_loader)
    print(f"Epoch: {epoch+1:02} | Train Loss: {run/len(train_loader):.3f} | Val. Loss: {vl:.3f} | Val. Acc: {va*100:.2f}%")
