# Call-centre assistant: which action follows a message, given the customer's earlier tickets (0 to 5 of them)?
# the message attends over the history (nn.MultiheadAttention)
import random, math
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(99); torch.manual_seed(99)

MSG = ['complaint', 'question', 'order', 'return']
HIST = ['paid_late', 'vip', 'fraud_flag', 'newsletter', 'survey', 'app_login', 'chat', 'phone', 'visit']
WORDS = 'ok hi um please well so yes thanks maybe right'.split()
ACTIONS = ['escalate', 'answer', 'ship', 'refund', 'review']
M = {w: i for i, w in enumerate(['<pad>'] + MSG + WORDS)}
H = {w: i for i, w in enumerate(['<pad>', '<none>'] + HIST)}

def case():
    kind = random.choice(MSG)
    hist = [random.choice(HIST) for _ in range(random.choice([0, 0, 1, 2, 3, 4, 5]))]
    msg = random.choices(WORDS, k=random.randint(2, 6)); msg.insert(random.randint(0, len(msg)), kind)
    act = {'complaint': 'escalate' if 'vip' in hist else 'answer', 'question': 'answer',
           'order': 'review' if 'paid_late' in hist or 'fraud_flag' in hist else 'ship',
           'return': 'review' if 'fraud_flag' in hist else 'refund'}[kind]
    return msg, hist, ACTIONS.index(act)

def encode(case):
    msg, hist, y = case
    # fault:
    return [M[w] for w in msg], [H[w] for w in hist], y
    # mended:
    # return [M[w] for w in msg], [H['<none>']] + [H[w] for w in hist], y
    # end

def collate(cases):
    enc = [encode(c) for c in cases]
    def block(col, width):
        out = torch.zeros(len(enc), width, dtype=torch.long)
        for i, e in enumerate(enc):
            out[i, :len(e[col])] = torch.tensor(e[col], dtype=torch.long)
        return out
    return block(0, 7), block(1, 6), torch.tensor([e[2] for e in enc])

class Assistant(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.m_emb = nn.Embedding(len(M), d, padding_idx=0)
        self.h_emb = nn.Embedding(len(H), d, padding_idx=0)
        self.att = nn.MultiheadAttention(d, 4, batch_first=True)
        self.ff = nn.Sequential(nn.Linear(2 * d, 64), nn.ReLU(), nn.Linear(64, len(ACTIONS)))

    def forward(self, msg, hist):
        q = self.m_emb(msg).sum(1) / (msg != 0).sum(1, keepdim=True).sqrt()
        keys = self.h_emb(hist)
        ctx, _ = self.att(q.unsqueeze(1), keys, keys, key_padding_mask=hist.eq(0))
        return self.ff(torch.cat([q, ctx.squeeze(1)], dim=1))

seen, data = set(), []
while len(data) < 3000:
    c = case()
    if str(c) not in seen:
        seen.add(str(c)); data.append(c)
train_dl = DataLoader(data[600:], batch_size=32, shuffle=True, collate_fn=collate)
test_dl = DataLoader(data[:600], batch_size=200, collate_fn=collate)

model = Assistant()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.7)

for epoch in range(5):
    model.train()
    running = 0.
    for msg, hist, y in train_dl:
        loss = nn.functional.cross_entropy(model(msg, hist), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    scheduler.step()
    model.eval()
    table = torch.zeros(len(ACTIONS), len(ACTIONS), dtype=torch.long)
    with torch.no_grad():
        for msg, hist, y in test_dl:
            for a, b in zip(y.tolist(), model(msg, hist).argmax(1).tolist()):
                table[a, b] += 1
    print('epoch', epoch + 1, 'loss', round(running / len(train_dl), 4), 'test accuracy', round(table.trace().item() / 600, 4))
for a, row in zip(ACTIONS, table.tolist()):
    print(f'{a:>9}', row)
