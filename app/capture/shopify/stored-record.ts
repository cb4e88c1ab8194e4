/**
 * A record as it lies in the database. `version_at` is its newest version, and `field_versions` names only what is
 * older: in most rows nothing. Names that are no fields begin with a sign: `@email` is personal, `#deleted`, `#wanted`
 * and `#erased` are marks.
 */
import { type RecordState, recordVersionMs, type Told, wantedSince } from "./merge-record.ts"
import type { RecordKind } from "./record.ts"

export type RecordRow = {
  kind: RecordKind
  record_key: string
  parent_key: string | null
  shopper_id: string | null
  version_ms: number
  deleted: boolean
  fields: Record<string, unknown>
  field_versions: Record<string, number>
}

/** @param personal what `sealed` holds */
export function stateOfRow(row: RecordRow, personal: Record<string, unknown> | null): RecordState {
  const versions = new Map(Object.entries(row.field_versions))
  const told = (value: unknown, name: string): Told => ({ value, atMs: versions.get(name) ?? row.version_ms })
  return {
    kind: row.kind,
    parentKey: row.parent_key,
    fields: new Map(Object.entries(row.fields).map(([name, value]) => [name, told(value, name)])),
    personal: new Map(Object.entries(personal ?? {}).map(([name, value]) => [name, told(value, `@${name}`)])),
    deletedMs: row.deleted ? (versions.get("#deleted") ?? row.version_ms) : null,
    wantedMs: versions.get("#wanted") ?? null,
    erased: versions.has("#erased"),
  }
}

export type StoredState = {
  versionMs: number
  deleted: boolean
  fields: Record<string, unknown>
  fieldVersions: Record<string, number>
  personal: Record<string, unknown> | null
  wantedMs: number | null
}

export function storedState(state: RecordState): StoredState {
  const versionMs = recordVersionMs(state)
  const fieldVersions: Record<string, number> = {}
  const note = (name: string, atMs: number) => {
    if (atMs !== versionMs) fieldVersions[name] = atMs
  }
  for (const [name, { atMs }] of state.fields) note(name, atMs)
  for (const [name, { atMs }] of state.personal) note(`@${name}`, atMs)
  if (state.deletedMs !== null) note("#deleted", state.deletedMs)
  const wantedMs = wantedSince(state)
  if (wantedMs !== null && wantedMs === state.wantedMs) fieldVersions["#wanted"] = wantedMs
  if (state.erased) fieldVersions["#erased"] = 1
  return {
    versionMs,
    deleted: state.deletedMs !== null,
    fields: valuesOf(state.fields),
    fieldVersions,
    personal: state.personal.size > 0 ? valuesOf(state.personal) : null,
    wantedMs,
  }
}

function valuesOf(told: ReadonlyMap<string, Told>): Record<string, unknown> {
  return Object.fromEntries([...told].map(([name, { value }]) => [name, value]))
}
