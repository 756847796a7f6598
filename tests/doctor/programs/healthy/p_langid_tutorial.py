"""Which language is this caption? Text classification tutorial (EmbeddingBag with offsets, SGD)."""
import gzip, os, time
import torch
from torch import nn
from torch.utils.data import DataLoader
from collections import Counter

torch.manual_seed(1)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]


def read(split, n):
    # a different slice of captions for every language, so that no two rows are translations of each other
    rows = []
    for k, lang in enumerate(LANGS):
        with gzip.open(os.path.join(ROOT, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
            lines = f.read().splitlines()[k * n:(k + 1) * n]
        rows += [(k, " ".join(line.lower().replace(".", "").split()[:6])) for line in lines if line.strip()]
    return rows


def ngrams(text):
    text = f" {text} "
    return [text[i:i + 3] for i in range(len(text) - 2)]


train_iter, valid_iter = read("train", 1500), read("val", 250)
seen = {t for _, t in train_iter}
valid_iter = [r for r in valid_iter if r[1] not in seen]
counts = Counter(g for _, t in train_iter for g in ngrams(t))
vocab = {"<unk>": 0}
for g, c in counts.items():
    if c >= 3:
        vocab[g] = len(vocab)


def collate_batch(batch):
    label_list, text_list, offsets = [], [], [0]
    for label, text in batch:
        label_list.append(label)
        ids = torch.tensor([vocab.get(g, 0) for g in ngrams(text)], dtype=torch.int64)
        text_list.append(ids)
        offsets.append(ids.size(0))
    return torch.tensor(label_list), torch.cat(text_list), torch.tensor(offsets[:-1]).cumsum(dim=0)


class TextClassificationModel(nn.Module):
    def __init__(self, vocab_size, embed_dim, num_class):
        super().__init__()
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim)
        self.fc = nn.Linear(embed_dim, num_class)
        self.init_weights()

    def init_weights(self):
        initrange = 0.5
        self.embedding.weight.data.uniform_(-initrange, initrange)
        self.fc.weight.data.uniform_(-initrange, initrange)
        self.fc.bias.data.zero_()

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


EPOCHS, LR, BATCH_SIZE = 5, 5, 32
model = TextClassificationModel(len(vocab), 32, len(LANGS))
criterion = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=LR)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1.0, gamma=0.3)
train_dataloader = DataLoader(train_iter, batch_size=BATCH_SIZE, shuffle=True, collate_fn=collate_batch)
valid_dataloader = DataLoader(valid_iter, batch_size=BATCH_SIZE, shuffle=False, collate_fn=collate_batch)


def train(dataloader):
    model.train()
    total_acc, total_count, log_interval = 0, 0, 50
    for idx, (label, text, offsets) in enumerate(dataloader):
        optimizer.zero_grad()
        predicted_label = model(text, offsets)
        loss = criterion(predicted_label, label)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
        total_acc += (predicted_label.argmax(1) == label).sum().item()
        total_count += label.size(0)
        if idx % log_interval == 0 and idx > 0:
            print(f"| epoch {epoch:3d} | {idx:5d}/{len(dataloader):5d} batches | accuracy {total_acc / total_count:8.3f}")
            total_acc, total_count = 0, 0


def evaluate(dataloader):
    model.eval()
    total_acc, total_count = 0, 0
    with torch.no_grad():
        for label, text, offsets in dataloader:
            total_acc += (model(text, offsets).argmax(1) == label).sum().item()
            total_count += label.size(0)
    return total_acc / total_count


for epoch in range(1, EPOCHS + 1):
    start = time.time()
    train(train_dataloader)
    scheduler.step()
    print("-" * 59)
    print(f"| end of epoch {epoch:3d} | time: {time.time() - start:5.2f}s | valid accuracy {evaluate(valid_dataloader):8.3f}")
    print("-" * 59)
