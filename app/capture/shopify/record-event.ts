import type { PlainEvent } from "../event.ts"

/** An event that follows from a record. Whose it is, the record says; its id is the shop's own, so it is never twice. */
export type RecordEvent = Omit<PlainEvent, "shopper"> & { id: string }
