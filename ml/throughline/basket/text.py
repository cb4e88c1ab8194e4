"""TF-IDF of product texts, words and characters: the text tower of the cold start and of the text neighbours.

Written out on scipy and numpy through scikit-learn's vectoriser; sublinear tf, smooth idf, rows of length 1.
"""

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize


def tfidf(texts: list[str], fit_on: np.ndarray | None = None) -> sparse.csr_matrix:
    """(len(texts), V) words (1–2) and characters (3–5) side by side, each of length 1 / √2. `fit_on`: rows
    that the vocabulary may be read from."""
    learn = texts if fit_on is None else [texts[row] for row in fit_on]
    parts = []
    for analyser, span in (("word", (1, 2)), ("char_wb", (3, 5))):
        pattern = {"token_pattern": r"(?u)\b\w+\b"} if analyser == "word" else {}
        vectoriser = TfidfVectorizer(
            analyzer=analyser,
            ngram_range=span,
            sublinear_tf=True,
            min_df=1 if len(learn) < 500 else 2,
            **pattern,
        )
        try:
            parts.append(vectoriser.fit(learn).transform(texts))
        except ValueError:  # no word in any text
            continue
    if not parts:
        return sparse.csr_matrix((len(texts), 1), dtype=np.float64)
    return sparse.hstack(parts).tocsr() / np.sqrt(len(parts))


def vectors_of_texts(texts: list[str], size: int = 96) -> np.ndarray:
    """(len(texts), size) dense, length 1, zeros where there is no text."""
    matrix = tfidf([one.lower() for one in texts])
    rank = min(size, min(matrix.shape) - 1)
    if rank < 2:
        return np.zeros((len(texts), 1), np.float32)
    return normalize(TruncatedSVD(rank, random_state=0).fit_transform(matrix)).astype(np.float32)
