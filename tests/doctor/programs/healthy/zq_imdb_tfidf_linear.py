import gzip, math, os, random, re
from collections import Counter
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

# Baseline for the IMDB project: tf-idf + one linear layer, trained with a small Trainer class


def load(path, n):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        lines = f.read().split("\n")
    lines = [l for l in lines if l and l[0] in "01np"]
    random.Random(1).shuffle(lines)
    out = []
    for l in lines[:n]:
        label, rating, _id, text = l.split("\t", 3)
        # rating is 1..10, above 5 is a positive review
        out.append((re.findall(r"[a-z']+", text.replace("<br />", " ").lower()[:1100]), int(int(rating) > 5)))
    return out


class TfIdf:
    def __init__(self, docs, size):
        df = Counter()
        for d in docs:
            df.update(set(d))
        self.index = {w: i for i, (w, _) in enumerate(df.most_common(size))}
        self.idf = torch.tensor([math.log(len(docs) / df[w]) for w in self.index])

    def __call__(self, docs):
        x = torch.zeros(len(docs), len(self.index))
        for r, d in enumerate(docs):
            for w, c in Counter(d).items():
                if w in self.index:
                    x[r, self.index[w]] = 1 + math.log(c)
        x *= self.idf
        return x / x.norm(dim=1, keepdim=True).clamp(min=1e-6)


class Trainer:
    def __init__(self, model, optimizer, loss_fn):
        self.model, self.optimizer, self.loss_fn = model, optimizer, loss_fn
        self.history = []

    def run_epoch(self, loader, train):
        self.model.train(train)
        loss_sum = correct = n = 0
        with torch.set_grad_enabled(train):
            for x, y in loader:
                out = self.model(x).view(-1)
                loss = self.loss_fn(out, y)
                if train:
                    self.optimizer.zero_grad()
                    loss.backward()
                    self.optimizer.step()
                loss_sum += loss.item() * len(y)
                correct += ((out > 0) == (y > 0.5)).sum().item()
                n += len(y)
        return loss_sum / n, correct / n

    def fit(self, train_loader, val_loader, max_epochs, patience):
        best, wait = float("inf"), 0
        for ep in range(max_epochs):
            tr = self.run_epoch(train_loader, True)
            va = self.run_epoch(val_loader, False)
            self.history.append((tr, va))
            print("epoch %02d train %.4f/%.3f val %.4f/%.3f" % (ep, *tr, *va))
            if va[0] < best - 1e-3:
                best, wait = va[0], 0
                self.best_state = {k: v.clone() for k, v in self.model.state_dict().items()}
            else:
                wait += 1
                if wait >= patience:
                    print("early stop")
                    break
        self.model.load_state_dict(self.best_state)


if __name__ == "__main__":
    torch.manual_seed(7)
    root = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "imdb")
    rows = load(root + "/train.tsv.gz", 3900)
    train, test = rows[:3000], rows[3000:]
    vec = TfIdf([d for d, _ in train], 600)
    make = lambda rows: TensorDataset(vec([d for d, _ in rows]), torch.tensor([float(y) for _, y in rows]))
    train_set = make(train)
    train_dl = DataLoader(train_set, batch_size=50, shuffle=True)
    test_dl = DataLoader(make(test), batch_size=250)
    model = nn.Sequential(nn.Dropout(0.3), nn.Linear(600, 1))
    opt = torch.optim.AdamW(model.parameters(), lr=0.03, weight_decay=0.5)
    t = Trainer(model, opt, nn.BCEWithLogitsLoss())
    t.fit(train_dl, test_dl, max_epochs=5, patience=2)
    print("final  train acc %.3f   test acc %.3f" % (t.run_epoch(DataLoader(train_set, batch_size=500), False)[1], t.run_epoch(test_dl, False)[1]))
    w = model[1].weight[0]
    names = list(vec.index)
    print("most positive:", [names[i] for i in w.topk(8).indices])
    print("most negative:", [names[i] for i in (-w).topk(8).indices])
