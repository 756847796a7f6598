"""Text classification with EmbeddingBag, after the torchtext tutorial, on headlines made from templates."""
import random
import time

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(18)
torch.manual_seed(18)
topics = {"World": "minister treaty border election embassy summit troops refugees", "Sports": "coach goal season final striker medal league injury",
          "Business": "shares profit bank merger oil stocks investors quarter", "Sci/Tech": "software chip nasa internet browser satellite virus robot"}
common = "new after in over says for to with on as two first more than from could".split()
rows = set()
while len(rows) < 2000:
    k = random.choice(list(topics))
    t = random.sample(topics[k].split(), random.randint(1, 3)) + random.sample(common, random.randint(3, 6))
    random.shuffle(t)
    rows.add((" ".join(t), list(topics).index(k)))
rows = sorted(rows)
random.shuffle(rows)
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in rows for w in t.split()}))}


def collate_batch(batch):
    label_list, text_list, offsets = [], [], [0]
    for text, label in batch:
        processed = torch.tensor([vocab[w] for w in text.split()])
        label_list.append(label)
        text_list.append(processed)
        offsets.append(len(processed))
    return torch.tensor(label_list), torch.cat(text_list), torch.tensor(offsets[:-1]).cumsum(0)


class TextClassificationModel(nn.Module):
    def __init__(self, vocab_size, embed_dim, num_class):
        super().__init__()
        # fault:
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim, sparse=True)
        # mended:
        # self.embedding = nn.EmbeddingBag(vocab_size, embed_dim, sparse=False)
        # end
        self.fc = nn.Linear(embed_dim, num_class)
        self.init_weights()

    def init_weights(self):
        self.embedding.weight.data.uniform_(-0.5, 0.5)
        self.fc.weight.data.uniform_(-0.5, 0.5)
        self.fc.bias.data.zero_()

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


model = TextClassificationModel(len(vocab), 32, 4)
criterion = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3, gamma=0.5)
train_dataloader = DataLoader(rows[:1600], batch_size=16, shuffle=True, collate_fn=collate_batch)
valid_dataloader = DataLoader(rows[1600:], batch_size=100, collate_fn=collate_batch)
for epoch in range(1, 6):
    start = time.time()
    model.train()
    for label, text, offsets in train_dataloader:
        optimizer.zero_grad()
        loss = criterion(model(text, offsets), label)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.fc.parameters(), 1.0)
        optimizer.step()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        acc = sum((model(t, o).argmax(1) == y).sum().item() for y, t, o in valid_dataloader) / 400
    print(f"| end of epoch {epoch} | loss {loss.item():.4f} | time {time.time() - start:5.2f}s | valid accuracy {acc:8.3f}")
