# Kim (2014) style CNN with static GloVe vectors on the Financial PhraseBank
import gzip, os, random, argparse
import torch, torch.nn as nn, torch.nn.functional as F

ap = argparse.ArgumentParser()
ap.add_argument("--epochs", type=int, default=8)
ap.add_argument("--batch", type=int, default=50)
ap.add_argument("--filters", type=int, default=60)
ap.add_argument("--dropout", type=float, default=0.4)
ap.add_argument("--rows", type=int, default=3000)
args = ap.parse_args([])

random.seed(1); torch.manual_seed(1)
base = os.environ["WORDFIT_DATA"]
rows = []
with open(os.path.join(base, "sentiment/financial-phrasebank/Sentences_50Agree.txt"), encoding="utf-8", newline="") as f:
    for line in f:
        s, lab = line.strip().rsplit("@", 1)
        rows.append((s.lower().replace(",", " ,").replace(".", " .").split()[:35], ["negative", "neutral", "positive"].index(lab)))
rows = list({" ".join(t): (t, y) for t, y in rows}.values())
random.shuffle(rows)
rows = rows[: args.rows]
n_dev = len(rows) // 5
dev, train = rows[:n_dev], rows[n_dev:]

vocab = {"<pad>": 0, "<unk>": 1}
vectors = [torch.zeros(50), torch.zeros(50)]
wanted = {w for t, _ in rows for w in t}
with gzip.open(os.path.join(base, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        if w in wanted and w not in vocab:
            vocab[w] = len(vocab)
            vectors.append(torch.tensor([float(x) for x in v]))
known = torch.stack(vectors[2:])
# frequent finance words that GloVe's list lacks get a row of their own at the same scale
freq = {}
for t, _ in train:
    for w in t:
        freq[w] = freq.get(w, 0) + 1
for w, c in freq.items():
    if c >= 4 and w not in vocab:
        vocab[w] = len(vocab)
        vectors.append(torch.randn(50) * known.std())
weights = torch.stack(vectors)
print(f"{len(train)} train, {len(dev)} dev, {len(vocab)} words ({len(known)} from GloVe)")


def encode(batch):
    L = max(5, max(len(t) for t, _ in batch))
    x = torch.zeros(len(batch), L, dtype=torch.long)
    for i, (t, _) in enumerate(batch):
        x[i, : len(t)] = torch.tensor([vocab.get(w, 1) for w in t])
    return x, torch.tensor([y for _, y in batch])


class KimCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(50, args.filters, k, padding=k - 1) for k in (2, 3, 4))
        self.drop = nn.Dropout(args.dropout)
        self.fc = nn.Linear(3 * args.filters, 3)

    def forward(self, x):
        e = self.embed(x).transpose(1, 2)
        lens = (x != 0).sum(1, keepdim=True)
        h = []
        for c in self.convs:
            a = F.relu(c(e))
            inside = torch.arange(a.size(2)) < lens + c.kernel_size[0] - 1
            h.append((a * inside.unsqueeze(1)).amax(2))
        return self.fc(self.drop(torch.cat(h, 1)))


def evaluate(model, data):
    model.eval()
    conf = torch.zeros(3, 3)
    with torch.no_grad():
        for i in range(0, len(data), 200):
            x, y = encode(data[i:i + 200])
            for g, p in zip(y, model(x).argmax(1)):
                conf[g, p] += 1
    f1 = 2 * conf.diag() / (conf.sum(0) + conf.sum(1)).clamp(min=1)
    return (conf.diag().sum() / conf.sum()).item(), f1.mean().item()


model = KimCNN()
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=1.5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs)
best, best_state = -1.0, None
for ep in range(args.epochs):
    model.train()
    random.shuffle(train)
    run = 0.0
    for i in range(0, len(train), args.batch):
        x, y = encode(train[i:i + args.batch])
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item() * len(y)
    sched.step()
    (ta, tf), (da, df) = evaluate(model, train[:400]), evaluate(model, dev)
    print(f"epoch {ep + 1}: loss {run / len(train):.3f} | train acc {ta:.3f} f1 {tf:.3f} | dev acc {da:.3f} f1 {df:.3f}")
    if df > best:
        best, best_state = df, {k: v.clone() for k, v in model.state_dict().items()}
model.load_state_dict(best_state)
print("final dev acc %.3f macro-F1 %.3f" % evaluate(model, dev))
