"""Words are cut as the vector set spells them."""

import numpy as np
import pytest

from wordfit.data import Encoded, Rules, Tokenizer, Vocabulary, batches


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't go, it's the U.S.!", "do n't go , it 's the u.s. !"),
        ("it 's n't -lrb- ok -rrb- ...", "it 's n't -lrb- ok -rrb- ..."),
        ("a well-known AT&T 90-minute film", "a well-known at&t 90-minute film"),
        ("1,000.5 at 10:30, end.Start", "1,000.5 at 10:30 , end . start"),
        ("naïve ÉTÉ 東京 हिन्दी", "naïve été 東 京 हिन्दी"),
        ("<user> x@y <br/>", "<user> x @ y < br / >"),
        ("``so'' she said--", "`` so '' she said --"),
        ("", ""),
    ],
)
def test_texts_are_cut_as_the_treebank_cuts_them(text, words):
    assert Tokenizer().tokenize(text) == words.split()


def test_cutting_many_at_once_is_cutting_each():
    texts = ["Don't", "", "two words", "two"]
    tokenizer = Tokenizer(Rules(lowercase=False))
    assert tokenizer.tokenize_batch(texts) == [tokenizer.tokenize(text) for text in texts]


def test_padding_and_unknown_come_first_even_where_texts_hold_them():
    assert Tokenizer().count(["<unk> : a <pad> <unk>"])[:2] == ["<pad>", "<unk>"]


def test_the_rules_are_found_in_the_words_of_the_vector_set():
    assert Rules.matched_to({"the", "london", "n't", "'s"}) == Rules(lowercase=True, clitics=True)
    assert Rules.matched_to({"the", "London", "don't"}) == Rules(lowercase=False, clitics=False)


def test_whitespace_rules_cut_nothing_else():
    assert Tokenizer(Rules(lowercase=False, whitespace=True)).tokenize(" Don't  stop. ") == ["Don't", "stop."]


def test_the_json_and_the_rules_build_the_same_tokenizer():
    tokenizer = Tokenizer(Rules(lowercase=False), ["<pad>", "<unk>", "Yes", "no"])
    again = Tokenizer.from_json(tokenizer.to_json(), tokenizer.to_config())
    assert again.encode(["Yes no maybe"])[0].tolist() == tokenizer.encode(["Yes no maybe"])[0].tolist() == [2, 3, 1]


def test_a_vocabulary_counts_train_and_adds_the_words_of_dev():
    vocabulary = Vocabulary.build(Tokenizer(), ["b a b", "b c"], ["d a"])
    assert vocabulary.words == ["<pad>", "<unk>", "b", "a", "c", "d"]
    assert vocabulary.counts.tolist() == [0, 0, 3, 1, 1, 0]
    assert (vocabulary.id("c"), vocabulary.id("never")) == (4, 1)


def test_batches_hold_every_row_once_padded_and_masked():
    tokenizer = Tokenizer(words=["<pad>", "<unk>", *"abcdefg"])
    texts = ["a b c", "", "d", "e f", "g g g g"]
    encoded = Encoded.of(texts, tokenizer)
    seen = {}
    for batch in batches((encoded,), np.arange(5), 2, seed=3):
        ids, mask = batch.texts[0]
        assert (ids[~mask] == 0).all()
        for row, target, i, m in zip(batch.rows, batch.target, ids, mask):
            seen[int(row)] = i[m].tolist()
            assert row == target
    assert {row: [tokenizer.words[i] for i in ids] for row, ids in seen.items()} == {
        i: text.split() for i, text in enumerate(texts)
    }


def test_the_order_of_batches_hangs_on_the_seed_alone():
    encoded = Encoded(np.ones(300, np.int32), np.arange(0, 301, 3))

    def order(seed):
        return [batch.rows.tolist() for batch in batches((encoded,), np.arange(100), 8, seed)]

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_a_long_text_is_cut():
    encoded = Encoded(np.ones(50, np.int32), np.array([0, 40, 50]))
    ids, mask = encoded.padded(np.array([0, 1]), max_tokens=16)
    assert ids.shape == (2, 16)
    assert mask.sum(axis=1).tolist() == [16, 10]
