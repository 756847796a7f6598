# Rewriting an old TensorFlow 1 tutorial (bag of words, two layers) in PyTorch, same structure, plain tensors.
import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer

np.random.seed(0)
torch.manual_seed(0)

topics = {
    'cooking': 'pan oven butter flour sugar recipe garlic onion stir bake boil taste'.split(),
    'cycling': 'bike pedal saddle gear chain tyre climb sprint helmet wheel brake route'.split(),
    'finance': 'stock bond yield bank price share profit loan debt market fund tax'.split(),
    'gaming': 'level boss console pixel score quest loot controller player arcade puzzle sword'.split(),
    'garden': 'seed soil plant rose weed water prune bulb hedge lawn compost spade'.split(),
    'music': 'guitar chord drum melody concert bass vocal album rhythm piano tune song'.split(),
}
names = list(topics)
glue = 'the a of and it is in to we with some more very again today good'.split()
texts, labels = [], []
for _ in range(1600):
    tags = np.random.choice(len(names), np.random.randint(1, 4), replace=False)   # one to three tags for a post
    w = list(np.random.choice(glue, 6))
    for k in tags:
        w += list(np.random.choice(topics[names[k]], 3))
    np.random.shuffle(w)
    texts.append(' '.join(w))
    labels.append(np.isin(np.arange(len(names)), tags).astype('float32'))
labels = torch.tensor(np.array(labels))

vectorizer = TfidfVectorizer(token_pattern=r'\w+')
X_train = torch.tensor(vectorizer.fit_transform(texts[:1200]).toarray(), dtype=torch.float32)
X_test = torch.tensor(vectorizer.transform(texts[1200:]).toarray(), dtype=torch.float32)
y_train, y_test = labels[:1200], labels[1200:]

n_input, n_hidden, n_classes = X_train.shape[1], 40, len(names)

# fault:
weights = {'h1': torch.full((n_input, n_hidden), 0.05), 'out': torch.full((n_hidden, n_classes), 0.05)}
# mended:
# weights = {'h1': torch.randn(n_input, n_hidden) * 0.1, 'out': torch.randn(n_hidden, n_classes) * 0.15}
# end
biases = {'h1': torch.zeros(n_hidden), 'out': torch.zeros(n_classes)}
variables = list(weights.values()) + list(biases.values())
for v in variables:
    v.requires_grad_(True)


def multilayer_perceptron(x):
    layer_1 = torch.tanh(x @ weights['h1'] + biases['h1'])
    return layer_1 @ weights['out'] + biases['out']


optimizer = torch.optim.Adam(variables, lr=0.01)
batch_size, training_epochs, display_step = 50, 6, 2
for epoch in range(training_epochs):
    avg_cost = 0.
    perm = np.random.permutation(len(X_train))
    total_batch = len(perm) // batch_size
    for i in range(total_batch):
        pick = torch.from_numpy(perm[i * batch_size:(i + 1) * batch_size])
        cost = torch.nn.functional.binary_cross_entropy_with_logits(multilayer_perceptron(X_train[pick]), y_train[pick])
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        avg_cost += cost.item() / total_batch
    if epoch % display_step == 1:
        print('Epoch: %04d' % (epoch + 1), 'cost={:.9f}'.format(avg_cost))
print('Optimization Finished!')
with torch.no_grad():
    for name, X, y in (('train', X_train, y_train), ('test', X_test, y_test)):
        correct_prediction = (multilayer_perceptron(X) > 0).float().eq(y).all(dim=1)
        print('All tags right,', name, round(correct_prediction.float().mean().item(), 4))
