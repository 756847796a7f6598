"""Which country does a place name sound like?  Character CNN, config + Trainer."""
import random
from dataclasses import dataclass, field

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

SOUND = {
    "tr": (["kara", "ak", "yeni", "kız", "gül", "demir", "ala", "sarı", "kuş", "taş"], ["köy", "pınar", "hisar", "dağ", "tepe", "ören", "su", "şehir"]),
    "de": (["neu", "ober", "bad", "hohen", "grün", "wald", "stein", "eber", "rosen", "frei"], ["burg", "heim", "stadt", "hausen", "bach", "feld", "dorf", "berg"]),
    "it": (["monte", "villa", "san", "castel", "rocca", "pietra", "campo", "ponte", "bella", "acqua"], ["rosso", "nova", "franca", "lungo", "vecchio", "santa", "fiore", "santo"]),
    "pl": (["nowo", "staro", "biało", "jano", "szcze", "krzy", "wielo", "rado", "często", "zako"], ["wice", "pole", "grad", "wiec", "cin", "chowa", "lin", "stok"]),
    "fi": (["kuusa", "lappe", "hämee", "ruo", "ylö", "savo", "jyvä", "kauha", "pieksä", "vihti"], ["järvi", "linna", "lahti", "niemi", "koski", "mäki", "ranta", "saari"]),
}
COUNTRIES = list(SOUND)


@dataclass
class Config:
    batch_size: int = 50
    epochs: int = 7
    lr: float = 2e-3
    channels: int = 48
    widths: tuple = (2, 3, 4)
    dropout: float = 0.6
    sizes: dict = field(default_factory=lambda: {"train": 2600, "dev": 600})


def name(rnd):
    c = rnd.randrange(len(COUNTRIES))
    a, b = SOUND[COUNTRIES[c]]
    s = rnd.choice(a) + rnd.choice(b)
    s = list(s)
    for i in range(len(s)):                              # spelling varies, letters get lost
        r = rnd.random()
        if r < 0.10:
            s[i] = rnd.choice("abcdefghijklmnoprstuvyz")
        elif r < 0.14:
            s[i] = ""
    return "".join(s), c


class CharCNN(nn.Module):
    def __init__(self, n_chars, cfg):
        super().__init__()
        self.cfg = cfg
        self.emb = nn.Embedding(n_chars, 16, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(16, cfg.channels, w) for w in cfg.widths])
        self.fc = nn.Linear(cfg.channels * len(cfg.widths), len(COUNTRIES))

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        feats = [F.relu(c(e)).amax(2) for c in self.convs]
        h = torch.cat(feats, 1)
        # fault:
        h = F.dropout(h, p=self.cfg.dropout)
        # mended:
        # h = F.dropout(h, p=self.cfg.dropout, training=self.training)
        # end
        return self.fc(h)


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        rnd = random.Random(34)
        seen = {}
        while len(seen) < sum(cfg.sizes.values()):
            n, c = name(rnd)
            seen.setdefault(n, c)
        rows = list(seen.items())
        train, dev = rows[:cfg.sizes["train"]], rows[cfg.sizes["train"]:]
        self.chars = {ch: i + 1 for i, ch in enumerate(sorted({ch for n, _ in train for ch in n}))}
        self.train_dl = DataLoader(train, cfg.batch_size, shuffle=True, collate_fn=self.collate)
        self.dev_dl = DataLoader(dev, 200, collate_fn=self.collate)
        self.model = CharCNN(len(self.chars) + 1, cfg)
        self.opt = torch.optim.AdamW(self.model.parameters(), lr=cfg.lr)

    def collate(self, rows):
        x = torch.zeros(len(rows), 22, dtype=torch.long)
        for i, (n, _) in enumerate(rows):
            x[i, :len(n)] = torch.tensor([self.chars.get(ch, 0) for ch in n][:22])
        return x, torch.tensor([c for _, c in rows])

    def train_epoch(self):
        self.model.train()
        total, n = 0.0, 0
        for x, y in self.train_dl:
            loss = F.cross_entropy(self.model(x), y)
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            total, n = total + loss.item() * len(y), n + len(y)
        return total / n

    def evaluate(self):
        self.model.eval()
        right = n = loss = 0
        with torch.no_grad():
            for x, y in self.dev_dl:
                out = self.model(x)
                loss += F.cross_entropy(out, y, reduction="sum").item()
                right += (out.argmax(1) == y).sum().item()
                n += len(y)
        return loss / n, right / n

    def fit(self):
        for e in range(1, self.cfg.epochs + 1):
            tl = self.train_epoch()
            dl, da = self.evaluate()
            print(f"epoch {e} | train {tl:.4f} | dev {dl:.4f} acc {da:.4f}")


if __name__ == "__main__":
    torch.manual_seed(34)
    t = Trainer(Config())
    t.fit()
    print("final dev: loss %.4f acc %.4f" % t.evaluate())
