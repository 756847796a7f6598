# Classifying names with a character-level RNN (after the PyTorch tutorial), batch of one name
import random, math
import torch
import torch.nn as nn

random.seed(3)
torch.manual_seed(3)

STEMS = {
    "Turkish": (["yil", "dem", "kay", "oz", "ak", "bos", "gun", "er", "cel", "kar", "tas", "yal"], ["maz", "ir", "turk", "oglu", "can", "demir", "ci", "tan", "men", "tekin"]),
    "German": (["schu", "mei", "hof", "bau", "wag", "rich", "klei", "zim", "kel", "stein", "bre", "lan"], ["mann", "ster", "ner", "er", "bach", "berg", "hardt", "ke", "ling", "thal"]),
    "Italian": (["ros", "bian", "fer", "col", "mar", "gal", "con", "ric", "mor", "bel", "san", "ver"], ["si", "chi", "rari", "ombo", "ino", "letti", "ci", "etti", "ini", "ello"]),
    "Japanese": (["ta", "ya", "saka", "mura", "kobi", "naka", "fuji", "ito", "wata", "mori", "ishi", "hashi"], ["naka", "mada", "moto", "kawa", "yama", "shita", "saki", "da", "no", "guchi"]),
}
all_categories = list(STEMS)
names = {}
while len(names) < 1000:
    cat = random.choice(all_categories)
    a, b = STEMS[cat]
    name = random.choice(a) + (random.choice(["a", "e", "i", "u", "o"]) if random.random() < 0.3 else "") + random.choice(b)
    if random.random() < 0.35:      # spelling noise as in the registry
        i = random.randrange(len(name))
        name = name[:i] + random.choice("abcdefghiklmnoprstuvyz") + name[i + 1:]
    names.setdefault(name, cat)
items = sorted(names.items())
random.shuffle(items)
test_items, train_items = items[:200], items[200:]
all_letters = "abcdefghijklmnopqrstuvwxyz"


def nameToTensor(name):
    t = torch.zeros(len(name), 1, len(all_letters))
    for i, c in enumerate(name):
        t[i][0][all_letters.find(c)] = 1
    return t


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(RNN, self).__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size, hidden_size)
        self.h2h = nn.Linear(hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        hidden = torch.tanh(self.i2h(input) + self.h2h(hidden))
        return self.softmax(self.h2o(hidden)), hidden

    def initHidden(self):
        return torch.zeros(1, self.hidden_size)


rnn = RNN(len(all_letters), 64, len(all_categories))
criterion = nn.NLLLoss()
learning_rate = 0.04


def train(category_tensor, line_tensor):
    hidden = rnn.initHidden()
    rnn.zero_grad()
    for i in range(line_tensor.size(0)):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-learning_rate)
    return output, loss.item()


def evaluate(line_tensor):
    hidden = rnn.initHidden()
    with torch.no_grad():
        for i in range(line_tensor.size(0)):
            output, hidden = rnn(line_tensor[i], hidden)
    return output


def accuracy(rows):
    return sum(all_categories[evaluate(nameToTensor(n)).argmax().item()] == c for n, c in rows) / len(rows)


data = [(nameToTensor(n), torch.tensor([all_categories.index(c)])) for n, c in train_items]
for epoch in range(4):
    random.shuffle(data)
    current_loss = 0
    if epoch == 2:
        learning_rate /= 4
    for line, cat in data:
        output, loss = train(cat, line)
        current_loss += loss
    print("%d loss %.4f train %.3f test %.3f" % (epoch, current_loss / len(data), accuracy(train_items[:200]), accuracy(test_items)))
