import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { AppError } from "../../errors.ts"

/**
 * Writes a file whole or not at all: until it is done, what was there before stands.
 * @throws AppError `unavailable` where it cannot be written
 */
export function writeWhole(path: string, text: string): void {
  const target = resolve(path)
  const partial = `${target}.${process.pid}.partial`
  try {
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(partial, text)
    renameSync(partial, target)
  } catch (cause) {
    rmSync(partial, { force: true })
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown"
    throw new AppError(
      "unavailable",
      `${target} cannot be written (${code}). Give a place with room that you may write to.`,
      { cause },
    )
  }
}
