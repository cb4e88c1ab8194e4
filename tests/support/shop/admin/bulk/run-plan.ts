/**
 * Reads a connection to its end, a window at a time so that other requests get their turn, and writes a line for each
 * node: without its connections, whose nodes get lines of their own with the id of the node around them.
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import type { AdminContext } from "../admin-context.ts"
import { executeAdmin } from "../execute-admin.ts"
import type { BulkPlan, ConnectionPlan } from "./bulk-plan.ts"

const WINDOW = 200

export type BulkRun = {
  grouped: boolean
  /** Stops there, for a failure that is wanted. */
  stopAfterLines: number | null
  stopped: () => boolean
  progress: (counts: { objects: number; roots: number }) => void
}

export type BulkLines = { content: Buffer; errorCode: string | null }

type Answer = { [name: string]: unknown }

export async function runPlan(plan: BulkPlan, context: AdminContext, run: BulkRun): Promise<BulkLines> {
  const parts: Buffer[] = []
  const counts = { objects: 0, roots: 0 }
  let errorCode: string | null = null
  const bulk = { list: null as readonly object[] | null, from: 0, size: WINDOW }
  for (; bulk.list === null || bulk.from < bulk.list.length; bulk.from += WINDOW) {
    if (run.stopped() || (run.stopAfterLines !== null && counts.objects >= run.stopAfterLines)) break
    const { data, errors } = executeAdmin({ ...context, bulk }, plan.document)
    const [error] = errors ?? []
    if (error) {
      errorCode = error.extensions.code === "ACCESS_DENIED" ? "ACCESS_DENIED" : "INTERNAL_SERVER_ERROR"
      break
    }
    const lines = linesOf(data as Answer, plan.root, run.grouped)
    const left = run.stopAfterLines === null ? lines.length : run.stopAfterLines - counts.objects
    const written = lines.slice(0, left)
    counts.objects += written.length
    counts.roots += written.filter((line) => !line.includes('"__parentId":')).length
    parts.push(Buffer.from(written.join("")))
    run.progress(counts)
    await nextTurn()
  }
  return { content: Buffer.concat(parts), errorCode }
}

function linesOf(data: Answer, root: ConnectionPlan, grouped: boolean): string[] {
  const own: string[] = []
  // Ungrouped, children come after all the parents that were read with theirs, as they do at Shopify.
  const later: string[] = grouped ? own : []
  for (const node of nodesOf(data, root)) write(node, root, null, own, later)
  return grouped ? own : [...own, ...later]
}

function write(node: Answer, plan: ConnectionPlan, parentId: unknown, own: string[], later: string[]): void {
  const found = plan.children.map((child) => ({ child, nodes: nodesOf(node, child) }))
  for (const { child } of found) removeAt(node, child.path)
  const line = parentId === null ? node : { ...node, __parentId: parentId }
  // Shopify escapes the slash.
  own.push(`${JSON.stringify(line).replaceAll("/", "\\/")}\n`)
  for (const { child, nodes } of found) for (const one of nodes) write(one, child, node.id, later, later)
}

function nodesOf(from: Answer, { path, through }: ConnectionPlan): Answer[] {
  let at: unknown = from
  for (const name of path) at = at === null || at === undefined ? at : (at as Answer)[name]
  if (at === null || at === undefined) return []
  const connection = at as Answer
  if ("nodes" in through) return connection[through.nodes] as Answer[]
  return (connection[through.edges] as Answer[]).map((edge) => edge[through.node] as Answer)
}

function removeAt(node: Answer, path: readonly string[]): void {
  let at: unknown = node
  for (const name of path.slice(0, -1)) at = (at as Answer | null)?.[name]
  if (at !== null && at !== undefined) delete (at as Answer)[path.at(-1) ?? ""]
}
