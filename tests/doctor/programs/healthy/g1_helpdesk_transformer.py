"""Transformer encoder for helpdesk intents, label smoothing + warmup, from scratch."""
import math
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(17)
torch.manual_seed(17)
PAD, CLS, UNK = 0, 1, 2

INTENTS = {
    "password": ["i forgot my password", "my login is locked", "reset my credentials", "cannot sign in any more"],
    "refund": ["i want my money back", "refund the last order", "you charged me twice", "cancel and repay me"],
    "shipping": ["where is my parcel", "the delivery is late", "track the package", "my order has not arrived"],
    "praise": ["you did a lovely job", "i am so happy with it", "thanks for the quick help", "what a great team"],
}
LABELS = sorted(INTENTS)
NOISE = """my dog is barking|the weather is nice|i called before|it was on monday|i am at work now|my name is sam|i live in the north
we spoke last week|sorry for my english|this is the second mail|i use the blue phone|the kids are asleep|i am in a hurry|my sister told me""".replace("\n", "|").split("|")


def mail():
    lab = random.randrange(len(LABELS))
    clauses = random.sample(NOISE, random.randint(1, 3)) + [random.choice(INTENTS[LABELS[lab]])]
    random.shuffle(clauses)
    words = " and ".join(clauses).split()
    return tuple(w for w in words if random.random() > 0.08), lab      # people drop words


mails = {}
while len(mails) < 2000:
    words, lab = mail()
    mails.setdefault(words, lab)
mails = list(mails.items())
random.shuffle(mails)
train_data, valid_data = mails[:1600], mails[1600:]
stoi = {}
for words, _ in train_data:
    for w in words:
        stoi.setdefault(w, len(stoi) + 3)


def collate(batch):
    src = pad_sequence([torch.tensor([CLS] + [stoi.get(w, UNK) for w in ws]) for ws, _ in batch], padding_value=PAD)   # (T, B)
    return src, torch.tensor([l for _, l in batch])


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=64):
        super().__init__()
        pos = torch.arange(max_len).unsqueeze(1)
        div = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(pos * div)
        pe[:, 0, 1::2] = torch.cos(pos * div)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return x + self.pe[: x.size(0)]


class IntentTransformer(nn.Module):
    def __init__(self, ntoken, d=32, nhead=2, nhid=64):
        super().__init__()
        self.d = d
        self.embedding = nn.Embedding(ntoken, d, padding_idx=PAD)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        with torch.no_grad():
            self.embedding.weight[PAD].zero_()
        self.pos = PositionalEncoding(d)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(d, nhead, nhid, dropout=0.05), 1, enable_nested_tensor=False)
        self.decoder = nn.Linear(d, len(LABELS))

    def forward(self, src):
        mask = (src == PAD).t()                                   # True = leave out, (B, T)
        h = self.pos(self.embedding(src) * math.sqrt(self.d))
        return self.decoder(self.encoder(h, src_key_padding_mask=mask)[0])


EPOCHS, BS, WARM = 4, 32, 30
train_loader = DataLoader(train_data, BS, shuffle=True, collate_fn=collate)
valid_loader = DataLoader(valid_data, 200, collate_fn=collate)
model = IntentTransformer(len(stoi) + 3)
steps = EPOCHS * len(train_loader)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / WARM, (steps - s) / (steps - WARM)))
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)


def evaluate(loader):
    model.eval()
    with torch.no_grad():
        return sum((model(s).argmax(1) == y).sum().item() for s, y in loader) / len(loader.dataset)


for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for s, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(s), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        total += loss.item()
    print(f"| epoch {epoch + 1} | smoothed loss {total / len(train_loader):.3f} | lr {scheduler.get_last_lr()[0]:.5f} | valid acc {evaluate(valid_loader):.3f}")
print(f"train acc {evaluate(train_loader):.3f}")
