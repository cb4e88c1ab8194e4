import type { RecordKind } from "./record.ts"

/** Place (associated data) of a record's sealed personal fields. */
export const recordPlace = (shopId: number, shopperId: string, kind: RecordKind, recordKey: string) =>
  `shop_records/${shopId}/${shopperId}/${kind}/${recordKey}`
