# %% [markdown]
# Language identification on 64-character windows of Multi30k captions (en, de, fr, cs)
# %%
import gzip
import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(33)
rng = np.random.default_rng(33)
WIN = 64
BATCH = 64
LANGS = ["en", "de", "fr", "cs"]
root = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


# %%
def windows(part, n):
    xs, ys = [], []
    for k, lang in enumerate(LANGS):
        with gzip.open(os.path.join(root, f"{part}.{lang}.gz"), "rt", encoding="utf-8") as f:
            text = "".join(line.lower().replace("\n", " ") for _, line in zip(range(1000), f))
        data = np.frombuffer(text.encode("utf-8"), dtype=np.uint8)
        for s in rng.integers(0, len(data) - WIN, n):
            xs.append(data[s:s + WIN])
            ys.append(k)
    return TensorDataset(torch.from_numpy(np.stack(xs)).long(), torch.tensor(ys))


train_dl = DataLoader(windows("train", 640), batch_size=BATCH, shuffle=True, drop_last=True)
val_dl = DataLoader(windows("val", 160), batch_size=BATCH, shuffle=True, drop_last=True)


# %%
class LangId(nn.Module):
    def __init__(self):
        super().__init__()
        self.byte = nn.Embedding(256, 16)
        self.conv = nn.Conv1d(16, 32, 3, padding=1)
        self.fc = nn.Linear(32, len(LANGS))

    def forward(self, x):
        h = self.byte(x).transpose(1, 2)
        h = F.relu(self.conv(h)).transpose(1, 2)
        # fault:
        h = h.mean(dim=0)
        # mended:
        # h = h.mean(dim=1)
        # end
        return self.fc(h)


# %%
model = LangId()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(8):
    model.train()
    hist = []
    for xb, yb in train_dl:
        loss = F.cross_entropy(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        hist.append(loss.item())
    model.eval()
    with torch.no_grad():
        acc = np.mean([(model(xb).argmax(1) == yb).float().mean().item() for xb, yb in val_dl])
    print(f"epoch {epoch}  loss {np.mean(hist):.4f}  val_acc {acc:.4f}")
