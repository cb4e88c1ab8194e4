import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { z } from "zod"
import { AppError } from "../../errors.ts"

export const HELP = `Makes a base model from several logs, without ids of their products. A shop starts from it: npm run train -- --base FILE

  npm run base-model -- [--logs DIR …] [--only-logs] [--held-out DIR]… [--out FILE] [--seed N] [--epochs N]
  npm run base-model -- --scaling [--logs DIR …] [--only-logs] [--out FILE] [--seed N] [--epochs N]

  --logs       folders, each with events.csv, .jsonl (also .gz) or .parquet and, where there is one, items of the same kinds
  --only-logs  leave the shops in the database out; else those that share their training rows take part
  --held-out   a folder like those of --logs, may be given again: nothing is learned from it; it chooses how much of what
               was learned is kept. A log of another kind than the others chooses best
  --scaling    no base model, but a picture of how it grows: four sizes, each on four amounts of the same logs. Takes
               16 trainings
  --out        file of the base model, or of the picture (HTML); under THROUGHLINE_HOME unless given
  --seed       1 unless given; the same seed and logs give the same model
  --epochs     at most so many

A shop takes part only if its merchant turned sharing on (Privacy, in the admin). Rows of shops are written for this
run and removed at its end. Killed, it goes on from its last whole epoch, or from its last whole training.
`

export type BaseModelOptions = {
  logs: readonly string[]
  onlyLogs: boolean
  heldOut: readonly string[]
  scaling: boolean
  out: string
  seed: number
  epochs: number | null
}

const wholeNumber = (name: string) =>
  z.coerce
    .number({ error: `--${name} must be a whole number from 1 on.` })
    .int()
    .min(1)
    .max(1_000_000)

/** @throws AppError `bad_request` */
export function readOptions(args: readonly string[], home: string): BaseModelOptions | "help" {
  const { values, positionals } = parse(args)
  if (values.help) return "help"
  const numbers = z
    .object({ seed: wholeNumber("seed"), epochs: wholeNumber("epochs").nullable() })
    .safeParse({ seed: values.seed, epochs: values.epochs ?? null })
  if (!numbers.success)
    throw new AppError("bad_request", numbers.error.issues.map(({ message }) => message).join(" "))
  // `--logs one two`: what follows the first folder comes as positionals.
  if (positionals.length > 0 && values.logs === undefined)
    throw new AppError("bad_request", `Expected folders after --logs, got "${positionals[0]}".\n\n${HELP}`)
  const logs = [...(values.logs ?? []), ...positionals].map((folder) => resolve(folder))
  if (values["only-logs"] && logs.length === 0)
    throw new AppError("bad_request", "--only-logs needs --logs DIR.")
  const scaling = values.scaling ?? false
  if (scaling && values["held-out"] !== undefined)
    throw new AppError(
      "bad_request",
      "--held-out is for a base model; --scaling makes none. Leave one of them out.",
    )
  return {
    logs,
    onlyLogs: values["only-logs"] ?? false,
    heldOut: (values["held-out"] ?? []).map((folder) => resolve(folder)),
    scaling,
    out: resolve(values.out ?? join(home, scaling ? "scaling.html" : "base-model.pt")),
    ...numbers.data,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        logs: { type: "string", multiple: true },
        "only-logs": { type: "boolean" },
        "held-out": { type: "string", multiple: true },
        scaling: { type: "boolean" },
        out: { type: "string" },
        seed: { type: "string", default: "1" },
        epochs: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    })
  } catch (cause) {
    throw new AppError("bad_request", `${(cause as Error).message}\n\n${HELP}`, { cause })
  }
}
