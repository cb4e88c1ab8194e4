import type { RecordState } from "./merge-record.ts"
import type { RecordKind } from "./record.ts"

/** A record of a batch: as it was and as it will be. */
export type HeldRecord = {
  kind: RecordKind
  recordKey: string
  before: RecordState | null
  /** The shopper whom it was about. */
  beforeShopper: string | null
  after: RecordState
  afterShopper: string | null
}

/** Records by kind and key. */
export type HeldRecords = Map<string, HeldRecord>

export function recordName(kind: RecordKind, recordKey: string): string {
  return `${kind} ${recordKey}`
}

/** The value of a field that is a text; null where it was not told or is none. */
export function textField(state: RecordState | null, name: string): string | null {
  const value = state?.fields.get(name)?.value
  return typeof value === "string" ? value : null
}
