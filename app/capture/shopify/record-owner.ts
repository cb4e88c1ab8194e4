/**
 * Whom a record is about, by name. It follows from the records as they stand, never from the order in which they came:
 * a customer by number; a guest by the e-mail address they gave; whoever gave no name by the order or the checkout
 * itself. A customer who was deleted names nobody any more.
 */

import type { NameKind } from "../name-kind.ts"
import { type HeldRecord, textField } from "./held-record.ts"
import type { RecordState } from "./merge-record.ts"

export type OwnerName =
  | { kind: Extract<NameKind, "customer">; key: string }
  | { kind: Extract<NameKind, "email">; address: string }
  | { kind: Extract<NameKind, "order" | "checkout">; key: string }

/** @param isDeleted whether the customer of this key was deleted */
export function ownerOf(
  { kind, recordKey, after }: Pick<HeldRecord, "kind" | "recordKey" | "after">,
  isDeleted: (customerKey: string) => boolean,
): OwnerName | null {
  if (after.deletedMs !== null || after.erased) return null
  switch (kind) {
    case "customer":
      return { kind: "customer", key: recordKey }
    case "marketing_consent": {
      const customer = textField(after, "customer")
      return customer && !isDeleted(customer) ? { kind: "customer", key: customer } : null
    }
    case "order":
    case "checkout": {
      const customer = textField(after, "customer")
      if (customer)
        return isDeleted(customer) ? { kind, key: recordKey } : { kind: "customer", key: customer }
      const address = emailIn(after)
      return address ? { kind: "email", address } : { kind, key: recordKey }
    }
    case "shop":
    case "product":
    case "collection":
    case "inventory_level":
    case "cart":
    case "refund":
    case "fulfilment":
      return null
    default:
      return kind satisfies never
  }
}

/** Of an order of a customer nothing personal is kept: it stands in the customer's own record. */
export function withoutDoubles(state: RecordState): RecordState {
  const doubles =
    (state.kind === "order" || state.kind === "checkout") && textField(state, "customer") !== null
  return doubles && state.personal.size > 0 ? { ...state, personal: new Map() } : state
}

export function emailIn(state: RecordState | null): string | null {
  const value = state?.personal.get("email")?.value
  return typeof value === "string" && value !== "" ? value : null
}
