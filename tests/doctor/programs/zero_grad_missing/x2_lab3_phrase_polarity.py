# Lab 3 - Sentiment with averaged word vectors
# Exercise: implement the training loop below, report dev accuracy
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn

random.seed(1); np.random.seed(1); torch.manual_seed(1)
D = os.environ["WORDFIT_DATA"]

# --- 1. word vectors -------------------------------------------------------
glove = {}
for line in gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8"):
    parts = line.split()
    glove[parts[0]] = np.asarray(parts[1:], dtype="float32")

# --- 2. data ---------------------------------------------------------------
def load(fname):
    feats, labels = [], []
    for line in list(open(D + "/glue/SST-2/" + fname, encoding="utf8"))[1:]:
        text, y = line.rstrip("\n").split("\t")
        if text.count(" ") < 8:      # short phrases are mostly neutral
            continue
        if len(labels) == 8000:
            break
        vs = [glove[w] for w in text.split() if w in glove]
        if vs:
            feats.append(np.concatenate([np.mean(vs, 0), np.max(vs, 0), np.min(vs, 0)]))
            labels.append(int(y))
    return torch.tensor(np.array(feats)), torch.tensor(labels)

train_x, train_y = load("train.tsv")
dev_x, dev_y = load("dev.tsv")
m, s = train_x.mean(0), train_x.std(0)
train_x = (train_x - m) / s
dev_x = (dev_x - m) / s
print("train", tuple(train_x.shape), "dev", tuple(dev_x.shape), "positive", round(train_y.float().mean().item(), 3))

# --- 3. the network --------------------------------------------------------
model = nn.Sequential(
    nn.Linear(150, 32),
    nn.ReLU(),
    nn.Dropout(0.3),
    nn.Linear(32, 2),
)
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-4)

# --- 4. training -----------------------------------------------------------
BATCH = 32
for epoch in range(6):
    model.train()
    order = np.random.permutation(len(train_x))
    epoch_loss = []
    for start in range(0, len(order), BATCH):
        batch = torch.from_numpy(order[start:start + BATCH])
        # fault:
        logits = model(train_x[batch])
        # mended:
        # optimizer.zero_grad()
        # logits = model(train_x[batch])
        # end
        loss = loss_function(logits, train_y[batch])
        loss.backward()
        optimizer.step()
        epoch_loss.append(loss.item())
    model.eval()
    with torch.no_grad():
        tr = (model(train_x).argmax(1) == train_y).float().mean().item()
        dv = (model(dev_x).argmax(1) == dev_y).float().mean().item()
    for g in optimizer.param_groups:
        g["lr"] *= 0.7
    print("Epoch %d | loss %.4f | train acc %.3f | dev acc %.3f" % (epoch + 1, np.mean(epoch_loss), tr, dv))

# --- 5. try it out ---------------------------------------------------------
for text in ["a wonderful and moving film", "a dull , stupid mess"]:
    vs = [glove[w] for w in text.split() if w in glove]
    f = (torch.tensor(np.concatenate([np.mean(vs, 0), np.max(vs, 0), np.min(vs, 0)])) - m) / s
    with torch.no_grad():
        print(text, "->", torch.softmax(model(f[None]), -1)[0].numpy().round(3))
