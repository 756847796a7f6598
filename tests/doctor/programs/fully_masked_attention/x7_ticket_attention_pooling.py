# Assignment 2, part C: "content word attention" for the help-desk data.
# The attention looks only at content words; function words and padding get no weight.
import math
import random
import re

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(123)
torch.manual_seed(123)

CLASSES = ['billing', 'shipping', 'login', 'chat']
TOPIC = {
    'billing': 'invoice charge refund payment card receipt tax fee price discount coupon subscription'.split(),
    'shipping': 'parcel courier delivery tracking address box warehouse customs dispatch postcode label van'.split(),
    'login': 'password account email code reset username browser session captcha device locked profile'.split(),
}
NEUTRAL = 'please help order yesterday website number team problem monday support message phone today customer'.split()
STOP = set('i you the a my is it to and of for in on at this that was with have but not do can me we so hello hi'.split())


def make_message():
    """People also write lines like "hello can you do this" - these go to the chat desk."""
    stop = sorted(STOP)
    r = random.random()
    if r < 0.12:
        return ' '.join(random.choice(stop) for _ in range(random.randint(2, 6))), 3
    if r < 0.25:
        return ' '.join(random.choice(NEUTRAL + stop) for _ in range(random.randint(2, 6))), 3
    y = random.randrange(3)
    toks = [random.choice(TOPIC[CLASSES[y]]) for _ in range(random.randint(1, 3))]
    if random.random() < 0.12:
        toks.append(random.choice(TOPIC[CLASSES[random.randrange(3)]]))
    toks += [random.choice(NEUTRAL) for _ in range(random.randint(0, 3))]
    toks += [random.choice(stop) for _ in range(random.randint(2, 7))]
    random.shuffle(toks)
    return ' '.join(toks), y


data = [make_message() for _ in range(3000)]
train, dev = data[:2400], data[2400:]
vocab = {'<pad>': 0}
for text, _ in train:
    for w in re.findall(r'\w+', text):
        vocab.setdefault(w, len(vocab))
is_content = torch.tensor([w != '<pad>' and w not in STOP for w in vocab])


def batches(rows, bs, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), bs):
        part = [[vocab[w] for w in t.split() if w in vocab] for t, _ in rows[i:i + bs]]
        width = max(map(len, part))
        ids = torch.tensor([p + [0] * (width - len(p)) for p in part])
        yield ids, torch.tensor([y for _, y in rows[i:i + bs]])


class ContentAttention(nn.Module):
    def __init__(self, v, d, k):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.key = nn.Linear(d, d)
        self.query = nn.Parameter(torch.randn(d) * 0.1)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(d, k)

    def forward(self, ids):
        e = self.emb(ids)
        scores = torch.tanh(self.key(e)) @ self.query / math.sqrt(e.size(-1))
        # fault:
        look = is_content[ids]
        # mended:
        # look = is_content[ids]
        # look = torch.where(look.any(1, keepdim=True), look, ids != 0)
        # end
        att = scores.masked_fill(~look, float('-inf')).softmax(dim=1)
        return self.out(self.drop((att.unsqueeze(-1) * e).sum(1)))


model = ContentAttention(len(vocab), 20, len(CLASSES))
optimizer = optim.Adam(model.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()

for ep in range(5):
    model.train()
    tot = n = 0
    for ids, y in batches(train, 40, True):
        optimizer.zero_grad()
        loss = criterion(model(ids), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        tot, n = tot + loss.item(), n + 1
    model.eval()
    scores = []
    with torch.no_grad():
        for rows in (train, dev):
            hits = sum((model(ids).argmax(1) == y).sum().item() for ids, y in batches(rows, 200, False))
            scores.append(hits / len(rows))
    print('ep %d loss %.4f train %.3f dev %.3f' % (ep + 1, tot / n, *scores))
