import type { Metric } from "./results.ts"

/** Each figure in one sentence, for a reader who does not know it. */
export const METRIC_MEANINGS: Readonly<Record<Metric, string>> = {
  "R@5": "Of the products that came, the share among the first 5 ranked.",
  "R@10": "Of the products that came, the share among the first 10 ranked.",
  "R@20": "Of the products that came, the share among the first 20 ranked.",
  "NDCG@5":
    "How many of the products that came are among the first 5 ranked, and how high; 1 is the best possible order.",
  "NDCG@10":
    "How many of the products that came are among the first 10 ranked, and how high; 1 is the best possible order.",
  "NDCG@20":
    "How many of the products that came are among the first 20 ranked, and how high; 1 is the best possible order.",
  "MRR@20": "One over the place of the first hit, on average; 0 where none is among the first 20.",
  AUC: "How often one that happened is rated above one that did not; 0.5 is guessing.",
  AUPR: "How pure the top of the ranking stays as it grows; guessing gives the share that happened.",
  Brier: "Squared distance between what was said and what happened, on average; 0 is the best.",
  ECE: "How far the probabilities are from the shares that really happened; 0 is the best.",
  RMSE: "The usual error, where large ones weigh more; 0 is the best.",
  MSE: "The squared error, on average; 0 is the best.",
  MAE: "The error, on average; 0 is the best, and saying nothing at all can come near it.",
  Gini: "How well those who will bring most are told from the others; 1 is the perfect order, 0 none.",
}
