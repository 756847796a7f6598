"""Language identification of tweets, after the torchtext text classification tutorial
(EmbeddingBag + offsets), with character trigrams instead of words."""
import os
import time
import zlib
import torch
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(0)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
base = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 8000


def trigram_pipeline(text):
    text = " " + " ".join(w for w in text.lower().split() if not w.startswith(("@", "http", "#"))) + " "
    return [zlib.crc32(text[i:i + 3].encode("utf8")) % BUCKETS for i in range(len(text) - 2)]


def load(split, limit):
    out = []
    for lab, lang in enumerate(LANGS):
        with open(os.path.join(base, lang, f"{split}_text.txt"), encoding="utf8") as f:
            lines = [l.strip() for l in f if len(l) > 40][:limit]
        out.extend((lab, l) for l in lines)
    return out


def collate_batch(batch):
    label_list, text_list, offsets = [], [], [0]
    for _label, _text in batch:
        label_list.append(_label)
        processed = torch.tensor(trigram_pipeline(_text), dtype=torch.int64)
        text_list.append(processed)
        offsets.append(processed.size(0))
    labels = torch.tensor(label_list, dtype=torch.int64)
    offsets = torch.tensor(offsets[:-1]).cumsum(dim=0)
    return labels.to(device), torch.cat(text_list).to(device), offsets.to(device)


class TextClassificationModel(nn.Module):
    def __init__(self, vocab_size, embed_dim, num_class):
        super().__init__()
        # fault:
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim, sparse=True)
        # mended:
        # self.embedding = nn.EmbeddingBag(vocab_size, embed_dim)
        # end
        self.fc = nn.Linear(embed_dim, num_class)
        self.init_weights()

    def init_weights(self):
        initrange = 0.5
        self.embedding.weight.data.uniform_(-initrange, initrange)
        self.fc.weight.data.uniform_(-initrange, initrange)
        self.fc.bias.data.zero_()

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


train_iter, valid_iter = load("train", 500), load("val", 120)
print(len(train_iter), "training tweets,", len(valid_iter), "validation tweets")
train_loader = DataLoader(train_iter, batch_size=32, shuffle=True, collate_fn=collate_batch)
valid_loader = DataLoader(valid_iter, batch_size=64, shuffle=False, collate_fn=collate_batch)

model = TextClassificationModel(BUCKETS, 24, len(LANGS)).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)


def train(dataloader):
    model.train()
    acc, count, run = 0, 0, 0.0
    for label, text, offsets in dataloader:
        optimizer.zero_grad()
        predicted = model(text, offsets)
        loss = criterion(predicted, label)
        loss.backward()
        optimizer.step()
        acc += (predicted.argmax(1) == label).sum().item()
        run += loss.item() * label.size(0)
        count += label.size(0)
    return run / count, acc / count


def evaluate(dataloader):
    model.eval()
    acc, count = 0, 0
    with torch.no_grad():
        for label, text, offsets in dataloader:
            acc += (model(text, offsets).argmax(1) == label).sum().item()
            count += label.size(0)
    return acc / count


for epoch in range(1, 5):
    t0 = time.time()
    l, a = train(train_loader)
    print("| end of epoch {:2d} | loss {:.3f} | train acc {:.3f} | valid acc {:.3f} | {:.1f}s".format(
        epoch, l, a, evaluate(valid_loader), time.time() - t0))
