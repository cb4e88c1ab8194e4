import { AppError } from "../errors.ts"

/**
 * Runs a command. Wrong use and bad input are told in a sentence and end it with 1; anything else is a fault of ours and
 * keeps its trace.
 */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    const wrongUse =
      error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")
    if (!(error instanceof AppError) && !wrongUse) throw error
    process.stderr.write(`\n${error.message}\n`)
    process.exitCode = 1
  }
}
