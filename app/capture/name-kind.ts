/** Which of a shopper's names: an event file's, a browser's, or the shop's own customer number. */
export type NameKind = "source" | "browser" | "customer"
