"""Routing of e-mails. Only the first 12 tokens are read: they hold the subject; the rest is signature, disclaimer and quoted history."""
import random
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

random.seed(70); torch.manual_seed(70)
TOPIC = {"sales": "quote offer price discount purchase order volume licence".split(),
         "hr": "leave vacation payslip contract onboarding sick applicant interview".split(),
         "legal": "nda clause liability gdpr contract dispute trademark terms".split(),
         "tech": "bug crash error api timeout release login sdk".split()}
LINK = "re fwd about question regarding your our for the on new urgent please request follow up need help with".split()
BOILER = ("this message and any attachment are confidential if you received it in error delete order contract error price release "
          "kind regards phone fax street office monday wrote original sent from to cc date thanks best team please terms help "
          "consider environment before printing unsubscribe newsletter offer").split()
MAX = 12
names = list(TOPIC)


def mail():
    y = random.randrange(4)
    subj = random.sample(LINK, random.randint(3, 6))
    for w in random.sample(TOPIC[names[y]], 2):
        subj.insert(random.randint(1, len(subj)), w)
    body = ["<body>"] + random.choices(BOILER, k=random.randint(60, 200))
    return subj + body, y


mails = [mail() for _ in range(7000)]
uniq = {}
for t, y in mails:
    uniq.setdefault(tuple(t[:MAX]), y)
mails = list(uniq.items())
train, dev = mails[:5000], mails[5000:6000]
stoi = {"<pad>": 0, "<unk>": 1}
for t, _ in train:
    for w in t:
        stoi.setdefault(w, len(stoi))


def encode(part):
    x = torch.zeros(len(part), MAX, dtype=torch.long)
    for i, (t, _) in enumerate(part):
        ids = [stoi.get(w, 1) for w in t[:MAX]]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in part])


class Router(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.embedding = nn.Embedding(len(stoi), d, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(d, 24, k, padding=k // 2) for k in (1, 3)])
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(48, 4)

    def forward(self, x):
        e = self.embedding(x).transpose(1, 2)
        h = torch.cat([torch.relu(c(e)).amax(-1) for c in self.convs], 1)
        return self.fc(self.dropout(h))


model = Router()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
xt, yt = encode(train)
xd, yd = encode(dev)
loader = DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True)
for epoch in range(6):
    model.train()
    running = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(xd).argmax(-1) == yd).float().mean().item()
    print(f"Epoch {epoch + 1}: loss {running / len(loader):.4f} (floor with smoothing about 0.35), dev accuracy {acc:.4f}")
