# Classifying nouns with a character-level RNN: which plural does a (made-up) Turkish noun take, -lar or -ler?
import math
import random
import time

import torch
import torch.nn as nn

random.seed(34)
torch.manual_seed(34)
BACK, FRONT = "aıou", "eiöü"
CONSONANTS = "bcdfgklmnprsştyz"
all_letters = BACK + FRONT + CONSONANTS
n_letters = len(all_letters)
all_categories = ["lar", "ler"]


def make_noun():
    # loan words mix the vowels; the last one decides
    vowels = [random.choice(BACK + FRONT) for _ in range(random.choice([1, 2, 2, 3]))]
    noun = "".join(random.choice(CONSONANTS) + v for v in vowels)
    if random.random() < 0.6:
        noun += random.choice(CONSONANTS)
    return noun


nouns = set()
while len(nouns) < 1800:
    nouns.add(make_noun())
nouns = sorted(nouns)
random.shuffle(nouns)
category_of = lambda noun: 0 if [c for c in noun if c in BACK + FRONT][-1] in BACK else 1
train_nouns, held_out = nouns[:1500], nouns[1500:]


def line_to_tensor(line):
    tensor = torch.zeros(len(line), 1, n_letters)
    for li, letter in enumerate(line):
        tensor[li][0][all_letters.index(letter)] = 1
    return tensor


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        hidden = torch.tanh(self.i2h(torch.cat((input, hidden), 1)))
        return self.softmax(self.h2o(hidden)), hidden

    def init_hidden(self):
        return torch.zeros(1, self.hidden_size)


rnn = RNN(n_letters, 32, len(all_categories))
criterion = nn.NLLLoss()
learning_rate = 0.03


def train(category_tensor, line_tensor):
    hidden = rnn.init_hidden()
    rnn.zero_grad()
    for i in range(line_tensor.size(0)):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-learning_rate)
    return output, loss.item()


def evaluate(lines):
    correct = 0
    with torch.no_grad():
        for line in lines:
            hidden = rnn.init_hidden()
            for letter in line_to_tensor(line):
                output, hidden = rnn(letter, hidden)
            correct += int(output.argmax().item() == category_of(line))
    return correct / len(lines)


n_iters, print_every = 3000, 300
current_loss, start = 0, time.time()
for iter in range(1, n_iters + 1):
    line = random.choice(train_nouns)
    output, loss = train(torch.tensor([category_of(line)]), line_to_tensor(line))
    current_loss += loss
    if iter % print_every == 0:
        guess = all_categories[output.argmax().item()]
        mark = "✓" if guess == all_categories[category_of(line)] else "✗ (%s)" % all_categories[category_of(line)]
        print("%d %d%% (%.1fs) mean loss %.4f %s / %s %s" % (iter, iter / n_iters * 100, time.time() - start, current_loss / print_every, line, guess, mark))
        current_loss = 0
print("accuracy: train %.3f, held-out nouns %.3f" % (evaluate(train_nouns[:300]), evaluate(held_out)))
