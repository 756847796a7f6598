# %% [markdown]
# # Which language is this tweet?
# A small notebook: hashed character trigrams + `nn.EmbeddingBag`, six languages in Latin script.

# %%
import os
import random
import re
import zlib
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

SEED = 11
random.seed(SEED)
torch.manual_seed(SEED)

ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 8192

# %%
def trigrams(text):
    text = re.sub(r"@user|http\S*", " ", text.lower())
    text = re.sub(r"\s+", " ", text).strip()
    text = f"  {text} "
    return [1 + zlib.crc32(text[i:i + 3].encode("utf8")) % (BUCKETS - 1) for i in range(len(text) - 2)]


class TweetLanguages(Dataset):
    def __init__(self, split, per_language, seen=frozenset()):
        self.rows, self.texts = [], set()
        for label, lang in enumerate(LANGS):
            lines = (ROOT / lang / f"{split}_text.txt").read_text(encoding="utf8").split("\n")
            kept = 0
            for line in lines:
                key = line.strip().lower()
                if len(key) < 20 or key in seen or key in self.texts:
                    continue
                self.texts.add(key)
                self.rows.append((trigrams(line), label))
                kept += 1
                if kept == per_language:
                    break

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    flat, offsets, labels = [], [], []
    for grams, label in batch:
        offsets.append(len(flat))
        flat.extend(grams)
        labels.append(label)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor(labels)


train_set = TweetLanguages("train", 900)
test_set = TweetLanguages("test", 300, seen=train_set.texts)
train_loader = DataLoader(train_set, batch_size=64, shuffle=True, collate_fn=collate)
test_loader = DataLoader(test_set, batch_size=256, collate_fn=collate)
print(len(train_set), "training tweets,", len(test_set), "test tweets")

# %%
class LanguageGuesser(nn.Module):
    def __init__(self, buckets, dim, n_langs):
        super().__init__()
        self.grams = nn.EmbeddingBag(buckets, dim, mode="mean")
        nn.init.normal_(self.grams.weight, std=0.3)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(dim, n_langs)

    def forward(self, flat, offsets):
        return self.out(self.drop(self.grams(flat, offsets)))


model = LanguageGuesser(BUCKETS, 32, len(LANGS))
loss_fn = nn.CrossEntropyLoss()
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=1e-6)
# mended:
#optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
# end

# %%
def evaluate(loader):
    model.eval()
    right = total = 0
    loss_sum = 0.0
    with torch.no_grad():
        for flat, offsets, y in loader:
            logits = model(flat, offsets)
            loss_sum += loss_fn(logits, y).item() * len(y)
            right += (logits.argmax(1) == y).sum().item()
            total += len(y)
    return loss_sum / total, right / total


for epoch in range(6):
    model.train()
    running = 0.0
    for flat, offsets, y in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(flat, offsets), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
    val_loss, val_acc = evaluate(test_loader)
    print(f"epoch {epoch + 1}: train loss {running / len(train_set):.3f}  test loss {val_loss:.3f}  acc {val_acc:.3f}")

# %%
print(f"train accuracy {evaluate(train_loader)[1]:.3f}")
print(f"test accuracy  {evaluate(test_loader)[1]:.3f}")
model.eval()
for text in ["what a lovely evening with my friends", "heute habe ich keine lust mehr", "non ci posso credere, che bello"]:
    flat, offsets, _ = collate([(trigrams(text), 0)])
    print(text, "->", LANGS[model(flat, offsets).argmax(1).item()])
