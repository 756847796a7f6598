"""train_price_model.py - second-hand listings: title + condition + age -> price.  Nightly training job."""
import json, logging, math, sys, time
from dataclasses import dataclass
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(name)s | %(message)s")
log = logging.getLogger("price")
CFG = {"seed": 7, "rows": 3000, "valid": 0.2, "emb": 12, "hidden": 32, "batch": 100, "epochs": 7, "max_lr": 0.02,
       "huber_delta": 1.0, "weight_decay": 1e-4, "max_title": 8}

ITEMS = {"phone": 250, "laptop": 600, "bicycle": 300, "sofa": 400, "lamp": 30, "camera": 350, "watch": 120, "jacket": 60,
         "piano": 1500, "tent": 90, "desk": 110, "guitar": 220}
BRANDS = {"acme": .7, "nordik": 1.3, "zenit": 1.0, "luxo": 2.1, "kappa": .9, "": .8}
EXTRAS = {"mini": .75, "pro": 1.5, "vintage": 1.25, "broken": .3, "xl": 1.2, "boxed": 1.1}
NOISE = "great deal sale must see nice the with and for pickup only".split()


def synth_listings(n, rng):
    out = []
    for _ in range(n):
        item, brand = rng.choice(list(ITEMS)), rng.choice(list(BRANDS))
        ex = list(rng.choice(list(EXTRAS), size=rng.integers(0, 3), replace=False))
        cond, age = int(rng.integers(1, 6)), float(rng.uniform(0, 10))
        price = ITEMS[item] * BRANDS[brand] * np.prod([EXTRAS[e] for e in ex]) * (0.6 + 0.1 * cond) * math.exp(-0.08 * age)
        price *= math.exp(rng.normal(0, 0.12))
        words = [w for w in [item, brand, *ex, *rng.choice(NOISE, size=rng.integers(0, 3))] if w]
        rng.shuffle(words)
        out.append({"title": " ".join(words), "condition": cond, "age": age, "price": float(price)})
    return out


@dataclass
class Scaler:
    mu: float
    sd: float
    def fwd(self, p): return (math.log1p(p) - self.mu) / self.sd
    def inv(self, z): return torch.expm1(z * self.sd + self.mu)


class Listings(Dataset):
    def __init__(self, rows, vocab, scaler):
        self.samples = []
        for r in rows:
            ids = [vocab.get(w, 1) for w in r["title"].split()][: CFG["max_title"]]
            ids += [0] * (CFG["max_title"] - len(ids))
            self.samples.append((torch.tensor(ids), torch.tensor([(r["condition"] - 3) / 1.4, (r["age"] - 5) / 2.9]),
                                 torch.tensor(scaler.fwd(r["price"])), torch.tensor(r["price"])))
    def __len__(self): return len(self.samples)
    def __getitem__(self, i): return dict(zip(("title", "num", "z", "price"), self.samples[i]))


class PriceNet(nn.Module):
    def __init__(self, n_vocab):
        super().__init__()
        self.title = nn.EmbeddingBag(n_vocab, CFG["emb"], mode="sum", padding_idx=0)   # multiplicative effects add in log space
        self.body = nn.Sequential(nn.Linear(CFG["emb"] + 2, CFG["hidden"]), nn.SiLU(), nn.Linear(CFG["hidden"], 1))
    def forward(self, batch):
        return self.body(torch.cat([self.title(batch["title"]), batch["num"]], dim=1)).squeeze(-1)


@torch.inference_mode()
def report(model, loader, scaler, name):
    model.eval()
    z, t, p = zip(*[(model(b), b["z"], b["price"]) for b in loader])
    z, t, p = torch.cat(z), torch.cat(t), torch.cat(p)
    res = {"r2_log": 1 - float(((z - t) ** 2).mean() / t.var(unbiased=False)),
           "rmsle": float((torch.log1p(scaler.inv(z)) - torch.log1p(p)).square().mean().sqrt()),
           "mape": float(((scaler.inv(z) - p).abs() / p).median())}
    log.info("%s %s", name, json.dumps({k: round(v, 4) for k, v in res.items()}))
    return res


def main():
    torch.manual_seed(CFG["seed"])
    rows = synth_listings(CFG["rows"], np.random.default_rng(CFG["seed"]))
    cut = int(len(rows) * (1 - CFG["valid"]))
    tr, va = rows[:cut], rows[cut:]
    vocab = {w: i + 2 for i, w in enumerate(sorted({w for r in tr for w in r["title"].split()}))}
    logp = np.log1p([r["price"] for r in tr])
    scaler = Scaler(float(logp.mean()), float(logp.std()))
    log.info("train %d valid %d vocab %d  log-price %.2f +- %.2f", len(tr), len(va), len(vocab), scaler.mu, scaler.sd)
    dl, dv = DataLoader(Listings(tr, vocab, scaler), CFG["batch"], shuffle=True), DataLoader(Listings(va, vocab, scaler), 300)
    model = PriceNet(len(vocab) + 2)
    opt = torch.optim.AdamW(model.parameters(), weight_decay=CFG["weight_decay"])
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, CFG["max_lr"], epochs=CFG["epochs"], steps_per_epoch=len(dl))
    crit, t0 = nn.HuberLoss(delta=CFG["huber_delta"]), time.time()
    for epoch in range(CFG["epochs"]):
        model.train()
        acc = 0.0
        for b in dl:
            opt.zero_grad()
            loss = crit(model(b), b["z"])
            loss.backward()
            opt.step(); sched.step()
            acc += loss.item() / len(dl)
        log.info("epoch %d loss %.5f lr %.2e", epoch, acc, sched.get_last_lr()[0])
    report(model, dl, scaler, "train")
    final = report(model, dv, scaler, "valid")
    if final["r2_log"] < 0.9:
        log.error("quality gate failed"); sys.exit(1)


if __name__ == "__main__":
    main()
