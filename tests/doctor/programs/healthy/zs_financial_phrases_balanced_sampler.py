"""
Sentiment of financial news (Financial PhraseBank, 59 % neutral / 28 % positive / 12 % negative).
Config dict at the top, logging instead of print, balanced batches, macro-F1 as the selection metric.
"""
import logging
import os
import sys
import numpy as np
import torch
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score, classification_report
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

CFG = dict(seed=42, svd=150, hidden=16, dropout=0.3, lr=3e-3, epochs=6, batch=64, test_size=0.2)
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(name)s: %(message)s")
log = logging.getLogger("fin-sentiment")
NAMES = ["negative", "neutral", "positive"]


def read():
    path = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "financial-phrasebank", "Sentences_50Agree.txt")
    rows = {}
    with open(path, encoding="utf-8") as fh:
        for line in fh:
            sentence, _, label = line.strip().rpartition("@")
            rows.setdefault(sentence.lower(), NAMES.index(label))     # repeated sentences once
    return list(rows), np.array(list(rows.values()))


def featurise(train_texts, test_texts):
    tfidf = TfidfVectorizer(ngram_range=(1, 2), min_df=4, sublinear_tf=True, token_pattern=r"[a-z]+|[%+-]")
    svd = TruncatedSVD(CFG["svd"], random_state=CFG["seed"], n_iter=2)
    a = svd.fit_transform(tfidf.fit_transform(train_texts))
    b = svd.transform(tfidf.transform(test_texts))
    unit = a.std()                                # one factor for all components, their order of size is kept
    a, b = a / unit, b / unit
    return torch.tensor(a, dtype=torch.float32), torch.tensor(b, dtype=torch.float32)


class Head(torch.nn.Sequential):
    def __init__(self):
        super().__init__(
            torch.nn.Linear(CFG["svd"], CFG["hidden"]), torch.nn.GELU(),
            torch.nn.Dropout(CFG["dropout"]), torch.nn.Linear(CFG["hidden"], 3))


def predict(model, x):
    model.eval()
    with torch.inference_mode():
        return model(x).argmax(-1).numpy()


def main():
    torch.manual_seed(CFG["seed"])
    texts, y = read()
    tr, te, ytr, yte = train_test_split(texts, y, test_size=CFG["test_size"], stratify=y, random_state=CFG["seed"])
    xtr, xte = featurise(tr, te)
    counts = np.bincount(ytr)
    log.info("class counts %s", dict(zip(NAMES, counts.tolist())))
    sampler = WeightedRandomSampler((1.0 / counts)[ytr].tolist(), num_samples=len(ytr), replacement=True)
    loader = DataLoader(TensorDataset(xtr, torch.from_numpy(ytr)), batch_size=CFG["batch"], sampler=sampler)
    model = Head()
    optim = torch.optim.Adam(model.parameters(), lr=CFG["lr"], weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.LinearLR(optim, 1.0, 0.05, total_iters=CFG["epochs"] * len(loader))
    for epoch in range(1, CFG["epochs"] + 1):
        model.train()
        running = []
        for xb, yb in loader:
            loss = torch.nn.functional.cross_entropy(model(xb), yb)
            optim.zero_grad(set_to_none=True)
            loss.backward()
            optim.step()
            sched.step()
            running.append(loss.item())
        log.info("epoch %d loss %.4f macro-F1 train %.3f test %.3f", epoch, np.mean(running),
                 f1_score(ytr, predict(model, xtr), average="macro"), f1_score(yte, predict(model, xte), average="macro"))
    pred = predict(model, xte)
    log.info("always neutral would give macro-F1 %.3f", f1_score(yte, np.full_like(yte, 1), average="macro"))
    print(classification_report(yte, pred, target_names=NAMES, digits=3))


if __name__ == "__main__":
    main()
