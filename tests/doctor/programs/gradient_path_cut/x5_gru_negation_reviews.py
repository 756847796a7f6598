# GRU sentiment, port of an old 0.3 notebook to current torch
import random, torch
import torch.nn as nn
import torch.optim as optim
import torch.nn.functional as F

torch.manual_seed(11); random.seed(11)

POS = 'great lovely superb fresh tasty friendly quick cosy fair generous'.split()
NEG = 'awful stale rude slow cold bland noisy dirty pricey burnt'.split()
THINGS = 'soup pasta waiter room music dessert coffee bread terrace menu salad fish'.split()
FILL = 'we came here on monday|my sister chose the place|it was raining|the street is quiet|we sat by the window|a friend told us about it'.split('|')

def clause():
    good = random.random() < .5
    neg = random.random() < .5
    word = random.choice(POS if good != neg else NEG)
    return 'the %s was %s%s' % (random.choice(THINGS), 'not ' if neg else '', word), good

def review():
    txt, good = clause()
    parts = [txt] + random.sample(FILL, 1)
    random.shuffle(parts)
    return ' , '.join(parts), int(good)

corpus = {}
while len(corpus) < 3300:
    t, l = review()
    corpus[t] = l
corpus = list(corpus.items())
random.shuffle(corpus)
train, test = corpus[:2700], corpus[2700:]

word_to_ix = {'<PAD>': 0}
for t, _ in train:
    for w in t.split():
        if w not in word_to_ix:
            word_to_ix[w] = len(word_to_ix)

def batches(rows, bs, shuffle):
    rows = rows[:]
    if shuffle:
        random.shuffle(rows)
    for i in range(0, len(rows), bs):
        chunk = sorted(rows[i:i + bs], key=lambda r: -len(r[0].split()))
        ids = [[word_to_ix[w] for w in t.split() if w in word_to_ix] for t, _ in chunk]
        lens = [len(s) for s in ids]
        mat = torch.zeros(max(lens), len(ids), dtype=torch.long)
        for j, s in enumerate(ids):
            mat[:len(s), j] = torch.tensor(s)
        yield mat, lens, torch.tensor([l for _, l in chunk])

class GRUNet(nn.Module):
    def __init__(self, vocab_size, embedding_dim, hidden_dim, label_size):
        super(GRUNet, self).__init__()
        self.hidden_dim = hidden_dim
        self.embeddings = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.gru = nn.GRU(embedding_dim, hidden_dim)
        self.hidden2label = nn.Linear(hidden_dim, label_size)

    def init_hidden(self, bs):
        return torch.zeros(1, bs, self.hidden_dim)

    def forward(self, sentence, lens):
        x = self.embeddings(sentence)
        packed = nn.utils.rnn.pack_padded_sequence(x, lens)
        _, hidden = self.gru(packed, self.init_hidden(sentence.size(1)))
        # fault:
        last = hidden.data.squeeze(0)
        # mended:
        # last = hidden.squeeze(0)
        # end
        return F.log_softmax(self.hidden2label(last), dim=1)

net = GRUNet(len(word_to_ix), 24, 48, 2)
loss_function = nn.NLLLoss()
opt = optim.Adam(net.parameters(), lr=4e-3)

def get_accuracy(rows):
    net.eval()
    ok = 0
    with torch.no_grad():
        for x, lens, y in batches(rows, 200, False):
            ok += (net(x, lens).argmax(1) == y).sum().item()
    net.train()
    return ok / len(rows)

for epoch in range(6):
    avg_loss, k = 0., 0
    for x, lens, y in batches(train, 32, True):
        net.zero_grad()
        loss = loss_function(net(x, lens), y)
        loss.backward()
        opt.step()
        avg_loss += loss.item(); k += 1
    print('epoch %d  loss %.4f  train acc %.3f  test acc %.3f' % (epoch, avg_loss / k, get_accuracy(train), get_accuracy(test)))
