import { spawn } from "node:child_process"
import { join } from "node:path"
import { AppError } from "../errors.ts"

const ML = join(import.meta.dirname, "..", "..", "ml")

/** The pipeline's exit code for a log that is too small; it has said by then what was expected and what came. */
const NOT_ENOUGH_DATA = 3

type Run = {
  python: string
  module: "throughline" | "throughline.evaluation" | "throughline.pretrain"
  args: readonly string[]
  /** For the processor's libraries. */
  threads?: number
  /** What to say of too little data, and of a run that stopped. */
  tooLittle: string
  stopped: string
}

/**
 * Runs a module of the pipeline; its progress goes to the terminal, its results into files.
 * @throws AppError `not_enough_data`, `internal`
 */
export async function runPipeline({ python, module, args, threads, tooLittle, stopped }: Run): Promise<void> {
  const child = spawn(python, ["-m", module, ...args, "--end-with-input"], {
    cwd: ML,
    // On a busy machine threads that spin while they wait take the processor from those they wait for.
    env:
      threads === undefined
        ? process.env
        : { OMP_WAIT_POLICY: "passive", ...process.env, OMP_NUM_THREADS: String(threads) },
    // Its input closes when this process dies, however it dies, and the pipeline ends with it.
    stdio: ["pipe", "ignore", "inherit"],
  })
  const code = await new Promise<number | null>((done, failed) => {
    child.once("error", failed)
    child.once("close", done)
  })
  if (code === 0) return
  if (code === NOT_ENOUGH_DATA) throw new AppError("not_enough_data", tooLittle)
  throw new AppError("internal", stopped.replace("{exit}", code === null ? "by a signal" : `exit ${code}`))
}
