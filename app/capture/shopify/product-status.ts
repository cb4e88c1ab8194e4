import type { RecordFields } from "./record.ts"

/** An unlisted product is sold to who has its address and shown to nobody else: for us it is not active. */
export function productStatus(word: string): RecordFields["product"]["status"] {
  switch (word.toLowerCase()) {
    case "active":
      return "active"
    case "archived":
      return "archived"
    default:
      return "draft"
  }
}
