"""Emails to a city office: which department?"""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.data import DataLoader, Dataset

random.seed(57)
torch.manual_seed(57)
# fault:
MAX_LEN = 24
# mended:
# MAX_LEN = 60
# end
matters = {"waste": "bin rubbish collection recycling landfill glass".split(), "traffic": "parking ticket crossing speed signal junction".split(),
           "housing": "tenant rent landlord heating damp lease".split(), "tax": "invoice payment council rebate band assessment".split()}
names = list(matters)
filler = "i would like to ask you about the problem with our since last week and it has not been solved yet could please tell me when".split()
people = "smith jones taylor brown evans thomas green hall wood harris".split()


def email(y):
    head = f"from {random.choice(people)} to office sent monday subject re your message dear sir or madam".split()
    head += "thank you for your reply i hope this finds you well".split()[: random.randint(0, 3)]
    head += random.choices("as i wrote before on the phone your colleague kindly told us that".split(), k=random.randint(9, 14))
    body = random.choices(filler, k=random.randint(6, 16)) + random.choices(matters[names[y]], k=3)
    random.shuffle(body)
    return tuple(head + body + ["kind", "regards", random.choice(people)])


mails = {}
while len(mails) < 1200:
    y = random.randrange(4)
    mails[email(y)] = y
mails = list(mails.items())
vocab = {w: i + 1 for i, w in enumerate(sorted({w for m, _ in mails for w in m}))}


class EmailDataset(Dataset):
    def __init__(self, rows, max_len):
        self.rows, self.max_len = rows, max_len

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        tokens, label = self.rows[i]
        ids = [vocab[t] for t in tokens][: self.max_len]
        return {"ids": torch.tensor(ids + [0] * (self.max_len - len(ids))), "length": len(ids), "label": label}


class GRUClassifier(nn.Module):
    def __init__(self, emb_dim=32, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(len(vocab) + 1, emb_dim, padding_idx=0)
        self.gru = nn.GRU(emb_dim, hidden, batch_first=True, bidirectional=True)
        self.classifier = nn.Linear(2 * hidden, 4)

    def forward(self, ids, length):
        packed = pack_padded_sequence(self.embedding(ids), length, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.classifier(torch.cat([h[0], h[1]], dim=1))


train_loader = DataLoader(EmailDataset(mails[:900], MAX_LEN), batch_size=32, shuffle=True)
valid_loader = DataLoader(EmailDataset(mails[900:], MAX_LEN), batch_size=64)
model = GRUClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(5):
    model.train()
    for batch in train_loader:
        loss = nn.functional.cross_entropy(model(batch["ids"], batch["length"]), batch["label"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    hits = 0
    with torch.no_grad():
        for batch in valid_loader:
            hits += (model(batch["ids"], batch["length"]).argmax(1) == batch["label"]).sum().item()
    print(f"epoch {epoch + 1} loss {loss.item():.4f} valid accuracy {hits / 300:.4f}")
