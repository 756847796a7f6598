import math, random
import torch, torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

random.seed(7); torch.manual_seed(7)

# --- synthetic support tickets: the request is the verb after "please", other verbs are history
VERBS = ["refund", "cancel", "upgrade", "reset", "unlock"]
OBJ = "order account password subscription invoice router phone laptop license plan voucher parcel".split()
WHO = "i we my-wife the-team our-admin accounting".split()
WHEN = "yesterday today last-week on-monday this-morning twice again".split()
FILL = "hello thanks kindly regards fyi also sorry btw urgent ok".split()

def ticket():
    v = random.randrange(len(VERBS))
    other = random.choice([i for i in range(len(VERBS)) if i != v])
    ask = ["please", VERBS[v], "the", random.choice(OBJ)]
    hist = [random.choice(WHO), "already", "tried", "to", VERBS[other], "the", random.choice(OBJ), random.choice(WHEN)]
    parts = [ask, hist] if random.random() < .5 else [hist, ask]
    words = random.sample(FILL, random.randint(0, 3)) + parts[0] + random.sample(FILL, random.randint(0, 2)) + parts[1] + random.sample(FILL, random.randint(0, 3))
    return words, v

data, seen = [], set()
while len(data) < 2900:
    w, v = ticket()
    if tuple(w) not in seen:
        seen.add(tuple(w)); data.append((w, v))
vocab = {"[PAD]": 0, "[CLS]": 1}
for w, _ in data[:2500]:
    for t in w: vocab.setdefault(t, len(vocab))
MAXLEN = max(len(w) for w, _ in data) + 1

def to_tensors(rows):
    X = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    for i, (w, _) in enumerate(rows):
        ids = [1] + [vocab[t] for t in w]
        X[i, :len(ids)] = torch.tensor(ids)
    return TensorDataset(X, torch.tensor([v for _, v in rows]))

train_loader = DataLoader(to_tensors(data[:2500]), batch_size=64, shuffle=True)
val_loader = DataLoader(to_tensors(data[2500:]), batch_size=250)

class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=64):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)
        self.register_buffer('pe', pe)
    def forward(self, x):
        return x + self.pe[:, :x.size(1)]

class TransformerClassifier(nn.Module):
    def __init__(self, n_vocab, d_model=32, nhead=2, layers=2, n_cls=5):
        super().__init__()
        self.embed = nn.Embedding(n_vocab, d_model, padding_idx=0)
        self.pos = PositionalEncoding(d_model)
        layer = nn.TransformerEncoderLayer(d_model, nhead, dim_feedforward=64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.classifier = nn.Linear(d_model, n_cls)
    def forward(self, x):
        h = self.encoder(self.pos(self.embed(x)), src_key_padding_mask=(x == 0))
        return self.classifier(h[:, 0])

model = TransformerClassifier(len(vocab))
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.01)
EPOCHS = 6
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=EPOCHS * len(train_loader))
criterion = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    model.train()
    train_loss = correct = total = 0
    for x, y in train_loader:
        optimizer.zero_grad()
        out = model(x)
        loss = criterion(out, y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step(); scheduler.step()
        train_loss += loss.item() * len(y); correct += (out.argmax(1) == y).sum().item(); total += len(y)
    model.eval()
    val_correct = val_total = 0
    with torch.no_grad():
        for x, y in val_loader:
            val_correct += (model(x).argmax(1) == y).sum().item(); val_total += len(y)
    print(f'Epoch [{epoch+1}/{EPOCHS}] Train Loss: {train_loss/total:.4f}, Train Acc: {correct/total:.4f}, Val Acc: {val_correct/val_total:.4f}')
