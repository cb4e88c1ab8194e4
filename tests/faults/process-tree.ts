/** Ends a process and all that it started at once, as a loss of power or the kernel's memory killer does. */
import { execFileSync } from "node:child_process"
import { setTimeout as wait } from "node:timers/promises"

export async function killTree(pid: number): Promise<void> {
  const all = [pid, ...descendants(pid)]
  for (const one of all) kill(one)
  while (all.some(isRunning)) await wait(5)
}

function descendants(pid: number): number[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number))
  const childrenOf = (parent: number): number[] =>
    rows.flatMap(([child, of]) => (of === parent && child ? [child, ...childrenOf(child)] : []))
  return childrenOf(pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch (error) {
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}

/** A process that ended and that nobody waited for yet (state Z) runs no more. */
function isRunning(pid: number): boolean {
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).trim()
    return state !== "" && !state.startsWith("Z")
  } catch {
    return false // ps knows no such process.
  }
}
