# Which shift notes precede a pump failure within 48h?  Notes are lists of event codes.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, f1_score, roc_auc_score

random.seed(11)
torch.manual_seed(11)
CODES = ["E%03d" % i for i in range(60)]
code2id = {c: i for i, c in enumerate(CODES)}
usual = [random.uniform(0.5, 1.5) for _ in CODES]
before_failure = [w * (2.0 if i % 5 == 0 else 0.45 if i % 5 == 1 else 1.0) for i, w in enumerate(usual)]


def note(failing):
    return random.choices(CODES, weights=before_failure if failing else usual, k=14)


records = []
for _ in range(9000):
    failing = random.random() < 0.035
    records.append((note(failing), int(failing)))

x = torch.tensor([[code2id[c] for c in n] for n, _ in records])
y = torch.tensor([l for _, l in records], dtype=torch.float)
x_tr, y_tr, x_te, y_te = x[:6500], y[:6500], x[6500:], y[6500:]
print("notes", len(x_tr), len(x_te))
loader = DataLoader(TensorDataset(x_tr, y_tr), batch_size=128, shuffle=True)


class NoteNet(nn.Module):
    def __init__(self, n_codes, dim=6):
        super().__init__()
        self.codes = nn.Embedding(n_codes, dim)
        self.fc = nn.Linear(dim, 1)

    def forward(self, ids):
        return self.fc(self.codes(ids).mean(1)).squeeze(1)


model = NoteNet(len(CODES))
# fault:
criterion = nn.BCEWithLogitsLoss()
# mended:
# criterion = nn.BCEWithLogitsLoss(pos_weight=(y_tr == 0).sum() / (y_tr == 1).sum())
# end
opt = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.05)
lr_plan = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=2e-2, total_steps=8 * len(loader))

for epoch in range(8):
    model.train()
    running = 0.0
    for ids, target in loader:
        opt.zero_grad()
        loss = criterion(model(ids), target)
        loss.backward()
        opt.step()
        lr_plan.step()
        running += loss.item() * len(ids)
    print(f"epoch {epoch} loss {running / len(x_tr):.4f}")

model.eval()
for name, a, b in (("train", x_tr, y_tr), ("test", x_te, y_te)):
    with torch.no_grad():
        p = torch.sigmoid(model(a))
    hat = (p > 0.5).int()
    print(name, "acc %.3f" % (hat == b).float().mean().item(), "balanced acc %.3f" % balanced_accuracy_score(b, hat),
          "f1 %.3f" % f1_score(b, hat, zero_division=0), "auc %.3f" % roc_auc_score(b, p))
    print(confusion_matrix(b, hat))
