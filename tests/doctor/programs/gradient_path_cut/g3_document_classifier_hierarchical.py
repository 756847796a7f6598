# Exercise 6 (NLP course): hierarchical document classifier.
# Words -> sentence vectors -> document vector -> topic.
import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(6)
torch.manual_seed(6)

N_WORDS = 150          # word 0 is not used
TOPICS = 4
topic_words = rng.permutation(np.arange(1, N_WORDS))[:80].reshape(TOPICS, 20)


def make_document():
    topic = rng.randint(TOPICS)
    doc = []
    for _ in range(rng.randint(2, 4)):
        length = rng.randint(5, 10)
        sent = rng.randint(1, N_WORDS, size=length)
        on_topic = rng.rand(length) < 0.35
        sent[on_topic] = rng.choice(topic_words[topic], size=on_topic.sum())
        doc.append(sent.tolist())
    return doc, topic


documents = [make_document() for _ in range(900)]
train_docs, test_docs = documents[:700], documents[700:]


class SentenceEncoder(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.emb = nn.Embedding(N_WORDS, dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, words):                       # list of ints -> vector
        return torch.tanh(self.proj(self.emb(torch.tensor(words)).mean(0)))


class DocumentClassifier(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.encoder = SentenceEncoder(dim)
        self.hidden = nn.Linear(dim, 16)
        self.out = nn.Linear(16, TOPICS)

    def forward(self, doc):
        # fault:
        sentence_vectors = torch.tensor(np.array([self.encoder(s).tolist() for s in doc]), dtype=torch.float32)
        # mended:
        # sentence_vectors = torch.stack([self.encoder(s) for s in doc])
        # end
        doc_vector = sentence_vectors.mean(dim=0)
        return self.out(torch.relu(self.hidden(doc_vector)))


def test_accuracy(net, docs):
    net.eval()
    with torch.no_grad():
        hits = [int(net(d).argmax()) == t for d, t in docs]
    return sum(hits) / len(hits)


net = DocumentClassifier()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
print("parameters:", sum(p.numel() for p in net.parameters()))

for epoch in range(4):
    net.train()
    losses = []
    order = rng.permutation(len(train_docs))
    for start in range(0, len(order), 16):
        chosen = [train_docs[i] for i in order[start:start + 16]]
        logits = torch.stack([net(d) for d, _ in chosen])
        loss = criterion(logits, torch.tensor([t for _, t in chosen]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print("Epoch %d | loss %.3f | test acc %.3f" % (epoch + 1, np.mean(losses), test_accuracy(net, test_docs)))
print("train acc %.3f" % test_accuracy(net, train_docs))
