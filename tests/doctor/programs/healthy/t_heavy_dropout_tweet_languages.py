"""Six languages of tweets from hashed character trigrams. Two passes only, 70 % dropout, and it is enough.
(The training loss stays far above the loss on the test tweets, that is the dropout.)"""
import os
import zlib
import torch

torch.manual_seed(99)
LANGS = "english french german italian portuguese spanish".split()
folder = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
HASH = 4096


def trigrams(text):
    text = " " + " ".join(t for t in text.lower().split() if not t.startswith(("@", "http", "#"))) + " "
    return sorted({zlib.crc32(text[i:i + 3].encode()) % HASH for i in range(len(text) - 2)})


def load(split, n):
    ids, labels = [], []
    for k, lang in enumerate(LANGS):
        with open(f"{folder}/{lang}/{split}_text.txt", encoding="utf-8") as f:
            for line in f.read().split("\n")[:n]:
                t = trigrams(line)
                if len(t) >= 8:
                    ids.append(t)
                    labels.append(k)
    return ids, torch.tensor(labels)


train_ids, train_y = load("train", 700)
test_ids, test_y = load("test", 200)
print(len(train_ids), "training tweets,", len(test_ids), "test tweets")


class Net(torch.nn.Sequential):
    pass


bag = torch.nn.EmbeddingBag(HASH, 48, mode="mean")
torch.nn.init.normal_(bag.weight, std=0.3)
head = Net(torch.nn.LayerNorm(48), torch.nn.Dropout(0.7), torch.nn.Linear(48, 64), torch.nn.ReLU(), torch.nn.Dropout(0.7), torch.nn.Linear(64, len(LANGS)))
everything = torch.nn.ModuleList([bag, head])
opt = torch.optim.Adam(everything.parameters(), lr=8e-3)
ce = torch.nn.CrossEntropyLoss()


def batch(ids, which):
    flat, off = [], []
    for i in which:
        off.append(len(flat))
        flat += ids[i]
    return torch.tensor(flat), torch.tensor(off)


def report(ids, y):
    everything.eval()
    with torch.inference_mode():
        out = head(bag(*batch(ids, range(len(ids)))))
        conf = torch.zeros(len(LANGS), len(LANGS), dtype=torch.long)
        for g, p in zip(y.tolist(), out.argmax(1).tolist()):
            conf[g, p] += 1
        return ce(out, y).item(), conf


for epoch in (1, 2):
    everything.train()
    so_far = []
    for idx in torch.randperm(len(train_ids)).split(20):
        loss = ce(head(bag(*batch(train_ids, idx.tolist()))), train_y[idx])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        so_far.append(loss.item())
    tr_loss, tr_conf = report(train_ids, train_y)
    te_loss, te_conf = report(test_ids, test_y)
    print(f"pass {epoch}: loss with dropout {sum(so_far) / len(so_far):.3f}, train {tr_loss:.3f} (acc {tr_conf.diag().sum() / tr_conf.sum():.3f}), test {te_loss:.3f} (acc {te_conf.diag().sum() / te_conf.sum():.3f})")
for lang, row in zip(LANGS, te_conf.tolist()):
    print(f"{lang:>11}", *(f"{v:4d}" for v in row))
