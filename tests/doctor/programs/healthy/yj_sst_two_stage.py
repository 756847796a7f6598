# SST-2 with word vectors, the two-stage recipe: (1) train the classifier on top of fixed vectors,
# (2) thaw the table and go on for a little with a learning rate that falls quickly.
import gzip, os, random
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(11); torch.manual_seed(11)
root = os.environ['WORDFIT_DATA']


def read_split(name):
    out = []
    for line in open(os.path.join(root, 'sentiment/SST-2-sentences', 'stsa.binary.' + name), encoding='utf-8'):
        lab, text = line.rstrip('\n').split(' ', 1)
        out.append((text.lower().split(), int(lab)))
    return out


train_raw, dev_raw = read_split('train'), read_split('dev')
dev_texts = {' '.join(t) for t, _ in dev_raw}
train_raw = [r for r in train_raw if ' '.join(r[0]) not in dev_texts]

itos, rows = ['<pad>', '<unk>'], []
in_train = {w for t, _ in train_raw for w in t} | {w for t, _ in dev_raw for w in t}
with gzip.open(os.path.join(root, 'vectors/glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8') as f:
    for line in f:
        word, rest = line.split(' ', 1)
        if word in in_train:
            itos.append(word)
            rows.append([float(v) for v in rest.split()])
weights = torch.tensor(rows)
weights = torch.cat([torch.zeros(1, 50), weights.mean(0, keepdim=True), weights])
stoi = {w: i for i, w in enumerate(itos)}
print('vocabulary', len(itos))


def encode(raw):
    return [([stoi.get(w, 1) for w in t], y) for t, y in raw]


def batches(data, size, shuffle):
    order = list(range(len(data)))
    if shuffle:
        random.shuffle(order)
    for k in range(0, len(order), size):
        part = [data[j] for j in order[k:k + size]]
        width = max(len(t) for t, _ in part)
        ids = torch.tensor([t + [0] * (width - len(t)) for t, _ in part])
        yield ids, torch.tensor([y for _, y in part])


class WordWeighting(nn.Module):
    """every word gets a weight; the sentence is the weighted mean (a bit of attention, nothing recurrent)"""
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(weights.clone(), freeze=True, padding_idx=0)
        self.score = nn.Linear(50, 1)
        self.hidden = nn.Linear(50, 40)
        self.drop = nn.Dropout(0.4)
        self.final = nn.Linear(40, 2)

    def forward(self, ids):
        e = self.table(ids)
        a = self.score(e).squeeze(2).masked_fill(ids == 0, float('-inf')).softmax(1)
        s = torch.bmm(a.unsqueeze(1), e).squeeze(1) * 2.0
        return self.final(self.drop(torch.tanh(self.hidden(s))))


def evaluate(model, data):
    model.eval()
    hit = n = 0
    with torch.no_grad():
        for ids, y in batches(data, 256, False):
            hit += (model(ids).argmax(1) == y).sum().item(); n += len(y)
    return hit / n


train, dev = encode(train_raw), encode(dev_raw)
model = WordWeighting()


def stage(name, optimizer, epochs, decay=1.0):
    for e in range(epochs):
        model.train()
        total = 0.
        for ids, y in batches(train, 128, True):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(ids), y)
            loss.backward()
            nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
            optimizer.step()
            total += loss.item() * len(y)
        for g in optimizer.param_groups:
            g['lr'] *= decay
        print(f'{name} epoch {e + 1}: loss {total / len(train):.4f} train {evaluate(model, train):.4f} dev {evaluate(model, dev):.4f}')


stage('fixed vectors', torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3), 2)
model.table.weight.requires_grad_(True)
rest = [p for n, p in model.named_parameters() if not n.startswith('table')]
stage('thawed', torch.optim.Adam([{'params': model.table.parameters(), 'lr': 3e-3}, {'params': rest, 'lr': 2e-3}]), 4, 0.45)
moved = (model.table.weight.detach() - weights).norm(dim=1).mean().item()
print(f'mean distance that a vector moved: {moved:.3f}')
