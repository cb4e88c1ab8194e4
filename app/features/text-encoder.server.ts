import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { z } from "zod"
import { AppError } from "../errors.ts"
import { type StaticTextEncoder, textEncoder } from "./text-encoder.ts"

const FOLDER = join(import.meta.dirname, "..", "..", "ml", "text-encoder")

const Manifest = z.object({ sha256: z.string(), pieces: z.number(), dimension: z.number() })

const readFrom = new Map<string, StaticTextEncoder>()

/** The encoder that comes with the program, read once a process; refused where its SHA-256 is not the manifest's. */
export function readTextEncoder(folder: string = FOLDER): StaticTextEncoder {
  const known = readFrom.get(folder)
  if (known !== undefined) return known
  const bytes = readFileSync(join(folder, "encoder.bin"))
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")))
  const sha256 = createHash("sha256").update(bytes).digest("hex")
  if (sha256 !== manifest.sha256)
    throw new AppError(
      "bad_model",
      `expected a text encoder of SHA-256 ${manifest.sha256}, got ${sha256}; remedy: restore ${folder}`,
    )
  const encoder = textEncoder(bytes)
  if (encoder.dimension !== manifest.dimension)
    throw new AppError(
      "bad_model",
      `expected a text encoder of ${manifest.dimension} numbers, got ${encoder.dimension}; remedy: restore ${folder}`,
    )
  readFrom.set(folder, encoder)
  return encoder
}
