/**
 * Which of a shopper's names: an event file's, a browser's, the shop's own customer number, an e-mail address, or, of
 * somebody who gave no name, the order or the unfinished checkout itself.
 */
export type NameKind = "source" | "browser" | "customer" | "email" | "order" | "checkout"
