# Emotion of a chat message, six classes. GRU over words.
import torch
from torch import nn, optim
import numpy as np

np.random.seed(17)
torch.manual_seed(17)

emotions = ['joy', 'anger', 'fear', 'sadness', 'surprise', 'disgust']
cues = {
    'joy': ['great', 'happy', 'love', 'yay', 'wonderful', 'laughing', 'sunny'],
    'anger': ['hate', 'furious', 'stupid', 'annoyed', 'unfair', 'shouting', 'rude'],
    'fear': ['scared', 'afraid', 'worried', 'nightmare', 'trembling', 'danger', 'alone'],
    'sadness': ['crying', 'miss', 'lost', 'tears', 'lonely', 'grief', 'goodbye'],
    'surprise': ['wow', 'unexpected', 'suddenly', 'unbelievable', 'what', 'shock', 'really'],
    'disgust': ['gross', 'rotten', 'smell', 'vomit', 'filthy', 'yuck', 'mould'],
}
plain = 'i am so the this was that he she they we it is and today at work home with my your'.split()
vocab = {w: i for i, w in enumerate(plain + [w for c in cues.values() for w in c])}


def message():
    label = np.random.randint(6)
    n = 8
    toks = list(np.random.choice(plain, n))
    for pos in np.random.choice(n, np.random.randint(1, 4), replace=False):
        toks[pos] = np.random.choice(cues[emotions[label]])
    if np.random.rand() < 0.05:
        label = np.random.randint(6)
    return [vocab[t] for t in toks], label


data = [message() for _ in range(2500)]
X = torch.tensor([m for m, _ in data])
Y = torch.tensor([l for _, l in data])
X_train, Y_train, X_val, Y_val = X[:2000], Y[:2000], X[2000:], Y[2000:]


class EmotionGRU(nn.Module):
    def __init__(self, vocab_size, emb=20, hid=32, out=6):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, emb)
        self.gru = nn.GRU(emb, hid, batch_first=True)
        self.head = nn.Linear(hid, out)

    def forward(self, x):
        states, _ = self.gru(self.emb(x))
        return self.head(states.max(dim=1).values)


net = EmotionGRU(len(vocab))
optimizer = optim.Adam(net.parameters(), lr=4e-3)
per_message = nn.CrossEntropyLoss(reduction='none')


def step(x, y):
    losses = per_message(net(x), y)
    # some messages carry a wrong label, they shall not dominate
    # fault:
    loss = losses.clamp(max=1.0).mean()
    # mended:
    # loss = losses.mean()
    # end
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimizer.step()
    return loss.item()


def validate(x, y):
    net.eval()
    with torch.no_grad():
        logits = net(x)
    return nn.functional.cross_entropy(logits, y).item(), (logits.argmax(1) == y).float().mean().item()


for epoch in range(5):
    net.train()
    perm = torch.randperm(len(X_train))
    tr = np.mean([step(X_train[b], Y_train[b]) for b in perm.split(40)])
    vl, va = validate(X_val, Y_val)
    print('Epoch: %d | Train Loss: %.3f | Val. Loss: %.3f | Val. Acc: %.2f%%' % (epoch + 1, tr, vl, va * 100))
print('Train acc %.2f%%' % (validate(X_train, Y_train)[1] * 100))
