/** Fields of a record, read back from the database: written by this program, and checked all the same. */
import type { z } from "zod"
import type { RecordState } from "./merge-record.ts"

/** @returns undefined where the field was not told, or is not what the schema says. */
export function fieldOf<T>(state: RecordState | null, name: string, schema: z.ZodType<T>): T | undefined {
  const told = state?.fields.get(name)
  if (told === undefined) return undefined
  const parsed = schema.safeParse(told.value)
  return parsed.success ? parsed.data : undefined
}
