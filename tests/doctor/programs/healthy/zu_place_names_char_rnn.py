# From which of three (invented) countries is this place name?  Letter by letter LSTM; tensors are (time, batch)
import random
import torch
import torch.nn as nn

random.seed(6)
torch.manual_seed(6)

countries = {
    'Velmar': dict(on=['v', 'l', 'm', 'r', 'el', 's'], vo=['a', 'e', 'ia'], end=['ar', 'mira', 'ello', 'as']),
    'Skorg': dict(on=['sk', 'gr', 'k', 't', 'br', 's'], vo=['o', 'u', 'aa'], end=['gard', 'heim', 'orn', 'as']),
    'Quinth': dict(on=['qu', 'th', 'n', 'w', 's', 'r'], vo=['i', 'e', 'y'], end=['inth', 'wick', 'nys', 'ello']),
}
all_letters = 'abcdefghijklmnopqrstuvwxyz'
categories = list(countries)

def coin(c):
    p = countries[c]
    shared = random.choice(['ber', 'lan', 'tor', '']) if random.random() < .3 else ''
    return shared + ''.join(random.choice(p['on']) + random.choice(p['vo']) for _ in range(random.randint(1, 3))) + random.choice(p['end'])

names = {}
while len(names) < 2700:
    c = random.randrange(3)
    names.setdefault(coin(categories[c]), c)
data = list(names.items())
random.shuffle(data)
train_data, test_data = data[:2200], data[2200:]

def nameToTensor(batch):
    lengths = torch.tensor([len(n) for n, _ in batch])
    t = torch.zeros(int(lengths.max()), len(batch), len(all_letters))
    for b, (n, _) in enumerate(batch):
        for i, ch in enumerate(n):
            t[i, b, all_letters.index(ch)] = 1
    return t, lengths, torch.tensor([c for _, c in batch])

class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, x, lengths):
        out, _ = self.lstm(x)
        last = out[lengths - 1, torch.arange(x.size(1))]      # the state after the last letter of each name
        return self.softmax(self.h2o(last))

def evaluate(rows):
    rnn.eval()
    x, l, y = nameToTensor(rows)
    with torch.no_grad():
        return (rnn(x, l).argmax(1) == y).float().mean().item()

rnn = RNN(len(all_letters), 32, 3)
criterion = nn.NLLLoss()
learning_rate = 0.25
optimizer = torch.optim.SGD(rnn.parameters(), lr=learning_rate, momentum=0.9)
for epoch in range(1, 7):
    rnn.train()
    random.shuffle(train_data)
    current_loss, n = 0, 0
    for i in range(0, len(train_data), 40):
        x, l, y = nameToTensor(train_data[i:i + 40])
        loss = criterion(rnn(x, l), y)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
        optimizer.step()
        current_loss += loss.item()
        n += 1
    for group in optimizer.param_groups:
        group['lr'] *= 0.7
    print('%d  loss %.4f  test %.1f%%' % (epoch, current_loss / n, 100 * evaluate(test_data)))
print('train %.1f%%' % (100 * evaluate(train_data)))
