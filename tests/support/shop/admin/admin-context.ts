import type { AccessToken } from "../state/installation.ts"
import type { ShopState } from "../state.ts"
import type { BulkOperations } from "./bulk/bulk-operations.ts"

/** What the fields of one answer are made from. */
export type AdminContext = {
  state: ShopState
  token: AccessToken
  bulkOperations: BulkOperations
  /** Where this shop listens, for the addresses of files. */
  origin: string
  version: string
  /** A bulk operation reads connections whole: nested ones at once, the outermost a window at a time. */
  bulk: { list: readonly object[] | null; from: number; size: number } | null
  /** Cost of what was really given, in points. */
  spent: number
}

export type Arguments = Readonly<Record<string, unknown>>

/** Field name → value. Each table says in its own type what it is made from. */
export type Fields<Source> = Record<
  string,
  (source: Source, args: Arguments, context: AdminContext) => unknown
>
