"""Baseline for the 'restore the question mark' playground competition (GRU)."""
import gzip, os, random, re, time
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence
from sklearn.metrics import roc_auc_score

CFG = {
    "seed": 42,
    "n_rows": 3600,
    "max_len": 12,
    "vocab_size": 1200,
    "emb_dim": 32,
    "hidden": 32,
    "bs": 64,
    "epochs": 3,
    # fault:
    "lr": 0.3,
    # mended:
    # "lr": 0.005,
    # end
    "wd": 1e-5,
    "clip": 1.0,
    "data": os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz"),
}


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def read_sentences():
    seen, q, s = set(), [], []
    with gzip.open(CFG["data"], "rt", encoding="utf-8") as f:
        for i, line in enumerate(f):
            if i < 25000:
                continue
            en = line.split("\t")[0]
            if en in seen:
                continue
            seen.add(en)
            toks = re.findall(r"[a-z']+", en.lower())
            if 4 <= len(toks) <= CFG["max_len"]:
                if en.endswith("?"):
                    q.append((toks, 1))
                elif en.endswith("."):
                    s.append((toks, 0))
            if len(q) >= CFG["n_rows"] // 2:
                break
    random.shuffle(s)
    rows = q + s[:len(q)]
    random.shuffle(rows)
    return rows


class QuestionGRU(nn.Module):
    def __init__(self, n_vocab):
        super().__init__()
        self.embedding = nn.Embedding(n_vocab, CFG["emb_dim"], padding_idx=0)
        self.gru = nn.GRU(CFG["emb_dim"], CFG["hidden"], batch_first=True)
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(CFG["hidden"], 1)

    def forward(self, x):
        lengths = (x > 0).sum(1)
        packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        h = self.gru(packed)[1]
        return self.head(self.dropout(h[-1])).squeeze(1)


def run():
    seed_everything(CFG["seed"])
    rows = read_sentences()
    n_val = len(rows) // 5
    val, trn = rows[:n_val], rows[n_val:]
    vocab = {w: i + 2 for i, (w, _) in enumerate(Counter(w for t, _ in trn for w in t).most_common(CFG["vocab_size"]))}

    def tensors(part):
        x = torch.zeros(len(part), CFG["max_len"], dtype=torch.long)
        for i, (t, _) in enumerate(part):
            x[i, :len(t)] = torch.tensor([vocab.get(w, 1) for w in t])
        return x, torch.tensor([float(y) for _, y in part])

    (xt, yt), (xv, yv) = tensors(trn), tensors(val)
    print(f"train {len(xt)} / valid {len(xv)} / vocab {len(vocab)}")
    model = QuestionGRU(len(vocab) + 2)
    opt = torch.optim.AdamW(model.parameters(), lr=CFG["lr"], weight_decay=CFG["wd"])
    crit = nn.BCEWithLogitsLoss()
    best = 0
    for ep in range(CFG["epochs"]):
        t0 = time.time()
        model.train()
        losses = []
        for idx in torch.randperm(len(xt)).split(CFG["bs"]):
            loss = crit(model(xt[idx]), yt[idx])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), CFG["clip"])
            opt.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            pv = torch.sigmoid(model(xv)).numpy()
            pt = torch.sigmoid(model(xt[:1000])).numpy()
        auc = roc_auc_score(yv, pv)
        best = max(best, auc)
        print(f"[{ep}] loss {np.mean(losses):.4f} train acc {((pt > .5) == yt[:1000].numpy()).mean():.4f} "
              f"val acc {((pv > .5) == yv.numpy()).mean():.4f} auc {auc:.4f} ({time.time() - t0:.1f}s)")
    print("best auc", round(best, 4))


if __name__ == "__main__":
    run()
