import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

# Where does a protein go?  Sorting signals: KDEL-like -> ER, SKL-like -> peroxisome, CaaX -> membrane, none -> cytosol
AA = "ACDEFGHIKLMNPQRSTVWY"
LOC = ["ER", "peroxisome", "membrane", "cytosol"]
# fault:
MAX_LEN = 64
# mended:
# MAX_LEN = 112
# end

random.seed(42)
torch.manual_seed(42)


def tail(loc):
    if loc == "ER":
        return random.choice("KHR") + "DEL"
    if loc == "peroxisome":
        return random.choice("SA") + random.choice("KR") + "L" + "M"
    if loc == "membrane":
        return "C" + random.choice("AVIL") + random.choice("AVIL") + random.choice("SMQ")
    return "".join(random.choice("GPNTY") for _ in range(4))


def protein():
    loc = random.randrange(4)
    body = "M" + "".join(random.choice(AA) for _ in range(random.randint(55, 106)))
    return body + tail(LOC[loc]), loc


class Proteome(Dataset):
    def __init__(self, n):
        self.items = [protein() for _ in range(n)]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        seq, loc = self.items[k]
        ids = [AA.index(a) + 1 for a in seq][:MAX_LEN]
        return {"seq": torch.tensor(ids + [0] * (MAX_LEN - len(ids))), "loc": loc}


class MotifNet(nn.Module):
    """motif detectors over residues, strongest hit per detector"""

    def __init__(self, detectors=32, width=4):
        super().__init__()
        self.aa = nn.Embedding(21, 12, padding_idx=0)
        self.scan = nn.Conv1d(12, detectors, width, padding=1)
        self.out = nn.Linear(detectors, 4)

    def forward(self, seq):
        h = F.relu(self.scan(self.aa(seq).transpose(1, 2)))
        return self.out(h.amax(dim=2))


train_dl = DataLoader(Proteome(1600), batch_size=40, shuffle=True)
val_dl = DataLoader(Proteome(400), batch_size=100)
model = MotifNet()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)

for epoch in range(6):
    model.train()
    seen = hits = 0
    for batch in train_dl:
        logits = model(batch["seq"])
        loss = F.cross_entropy(logits, batch["loc"])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        hits += (logits.argmax(-1) == batch["loc"]).sum().item()
        seen += len(batch["loc"])
    model.eval()
    good = 0
    with torch.no_grad():
        for batch in val_dl:
            good += (model(batch["seq"]).argmax(-1) == batch["loc"]).sum().item()
    print(f"[{epoch}] loss {loss.item():.3f}  train acc {hits / seen:.3f}  val acc {good / len(val_dl.dataset):.3f}")
