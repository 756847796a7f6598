# Distil a character-n-gram TF-IDF model (scikit-learn) into a tiny hashed embedding bag: 4 languages, Multi30k captions.
import gzip, os, zlib
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

torch.manual_seed(0)
rs = np.random.RandomState(0)
LANGS, BUCKETS, T = ["en", "de", "fr", "cs"], 1024, 2.0
base = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"


def captions(part, lo, hi):
    out = []
    for k, lang in enumerate(LANGS):
        with gzip.open(f"{base}{part}.{lang}.gz", "rt", encoding="utf-8") as f:
            rows = [l.strip().lower() for l in f][lo:hi]
        # three words are hard enough
        for r in rows:
            w = r.rstrip(".").split()
            s = rs.randint(0, max(1, len(w) - 2))
            out.append((" ".join(w[s:s + 3]), k))
    rs.shuffle(out)
    return [t for t, _ in out], np.array([int(k) for _, k in out])


lab_x, lab_y = captions("train", 0, 500)            # the teacher's labelled data
unl_x, _ = captions("train", 5000, 5600)            # text without labels, for the student
dev_x, dev_y = captions("val", 0, 250)

tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=2)
teacher = LogisticRegression(C=10, max_iter=200).fit(tfidf.fit_transform(lab_x), lab_y)
print("teacher dev accuracy %.4f" % teacher.score(tfidf.transform(dev_x), dev_y))
soft = teacher.decision_function(tfidf.transform(unl_x))
soft = torch.softmax(torch.tensor(soft, dtype=torch.float32) / T, dim=1)


def hashed(texts):
    flat, offs = [], []
    for t in texts:
        t = f" {t} "
        offs.append(len(flat))
        for n in (2, 3):
            flat += [zlib.crc32(t[i:i + n].encode()) % BUCKETS for i in range(len(t) - n + 1)]
    return torch.tensor(flat), torch.tensor(offs)


student = torch.nn.EmbeddingBag(BUCKETS, len(LANGS), mode="mean", sparse=True)
torch.nn.init.zeros_(student.weight)
scale = 12.0                                         # fixed; means of many buckets are small
opt = torch.optim.SparseAdam(student.parameters(), lr=0.02)
prepared = [hashed(unl_x[i:i + 40]) for i in range(0, len(unl_x), 40)]
dev = hashed(dev_x)
for epoch in range(6):
    total = 0.0
    for k in rs.permutation(len(prepared)):
        logp = F.log_softmax(scale * student(*prepared[k]) / T, dim=1)
        target = soft[k * 40:k * 40 + 40]
        loss = T * T * F.kl_div(logp, target, reduction="batchmean")
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (student(*dev).argmax(1).numpy() == dev_y).mean()
    print("epoch %d  KL %.4f  student dev accuracy %.4f" % (epoch, total / len(prepared), acc))
