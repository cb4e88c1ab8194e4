import v8 from "node:v8"

/**
 * Runs `work` with a heap that grows little. An import makes much garbage and keeps almost nothing, and V8, which
 * sizes its heap by the machine's memory, would let 100 MB of live data spread over 400. The two flags are
 * read anew at each collection; they cost the import's own thread about a fifth of its time.
 */
export async function withFlatMemory<T>(work: () => Promise<T>): Promise<T> {
  v8.setFlagsFromString("--semi-space-growth-factor=1")
  v8.setFlagsFromString("--heap-growing-percent=50")
  try {
    return await work()
  } finally {
    // V8's own defaults.
    v8.setFlagsFromString("--semi-space-growth-factor=2")
    v8.setFlagsFromString("--heap-growing-percent=0")
  }
}
