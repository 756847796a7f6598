"""TextCNN on a three-topic corpus."""
import random
from collections import Counter

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(2)
torch.manual_seed(2)

GRAMMAR = {
    "cooking": "stir simmer garlic onion pan butter roast whisk dough oven recipe sauce pinch boil slice pepper".split(),
    "sailing": "harbour anchor tide mast rudder wind deck sail knot crew buoy hull drift captain shore rope".split(),
    "chess": "rook bishop gambit castle opening pawn endgame knight check clock blunder rating board queen fork tempo".split(),
}
GLUE = "the a of and then with some very before after while again at on we you it this that was is not often quite".split()
LABELS = list(GRAMMAR)


def sentence(label):
    n = random.randint(7, 20)
    return [random.choice(GRAMMAR[label]) if random.random() < 0.3 else random.choice(GLUE) for _ in range(n)]


def corpus(n):
    return [(sentence(label), LABELS.index(label)) for label in random.choices(LABELS, k=n)]


def build_vocab(rows):
    freq = Counter(tok for toks, _ in rows for tok in toks)
    return {tok: i for i, (tok, _) in enumerate(freq.most_common(), start=2)}


class TopicDataset(Dataset):
    def __init__(self, rows, vocab):
        self.rows, self.vocab = rows, vocab

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        toks, y = self.rows[i]
        return torch.tensor([self.vocab.get(t, 1) for t in toks]), y


def pad_batch(items):
    seqs, ys = zip(*items)
    width = max(7, max(len(s) for s in seqs))
    out = torch.zeros(len(seqs), width, dtype=torch.long)
    for i, s in enumerate(seqs):
        out[i, :len(s)] = s
    return {"input_ids": out, "labels": torch.tensor(ys)}


class TextCNN(nn.Module):
    def __init__(self, n_words, dim=24, n_filters=16):
        super().__init__()
        self.embed = nn.Embedding(n_words, dim, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(dim, n_filters, k, padding=k // 2) for k in (2, 3))
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(2 * n_filters, 3)

    def forward(self, input_ids):
        e = self.embed(input_ids).transpose(1, 2)
        keep = (input_ids != 0).unsqueeze(1)
        pooled = []
        for conv in self.convs:
            c = torch.relu(conv(e))[:, :, :e.size(2)]
            pooled.append((c * keep).amax(dim=2))
        return self.fc(self.drop(torch.cat(pooled, dim=1)))


train_rows, dev_rows = corpus(600), corpus(240)
vocab = build_vocab(train_rows)
train_set = TopicDataset(train_rows, vocab)
# fault:
vocab = build_vocab(dev_rows)
dev_set = TopicDataset(dev_rows, vocab)
# mended:
# dev_set = TopicDataset(dev_rows, vocab)
# end
train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=pad_batch)
dev_loader = DataLoader(dev_set, batch_size=64, collate_fn=pad_batch)

net = TextCNN(n_words=len(vocab) + 2)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(1, 9):
    net.train()
    tot = 0.0
    for batch in train_loader:
        opt.zero_grad()
        loss = loss_fn(net(batch["input_ids"]), batch["labels"])
        loss.backward()
        opt.step()
        tot += loss.item() * len(batch["labels"])
    net.eval()
    good = 0
    with torch.no_grad():
        for batch in dev_loader:
            good += (net(batch["input_ids"]).argmax(dim=1) == batch["labels"]).sum().item()
    print(f"epoch {epoch} train_loss {tot / len(train_set):.4f} dev_acc {good / len(dev_set):.4f}")
