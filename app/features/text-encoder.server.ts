import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { AppError } from "../errors.ts"
import { TEXT_DIMENSION } from "./item-inputs.ts"
import { type StaticTextEncoder, TEXT_ENCODER_SHA256, textEncoder } from "./text-encoder.ts"

const FOLDER = join(import.meta.dirname, "..", "..", "ml", "text-encoder")

const readFrom = new Map<string, StaticTextEncoder>()

/** The encoder that comes with the program, read once a process; refused where it is not the one that the contract names. */
export function readTextEncoder(folder: string = FOLDER): StaticTextEncoder {
  const known = readFrom.get(folder)
  if (known !== undefined) return known
  const bytes = readFileSync(join(folder, "encoder.bin"))
  const sha256 = createHash("sha256").update(bytes).digest("hex")
  if (sha256 !== TEXT_ENCODER_SHA256)
    throw new AppError(
      "bad_model",
      `expected a text encoder of SHA-256 ${TEXT_ENCODER_SHA256}, got ${sha256}; remedy: restore ${folder}`,
    )
  const encoder = textEncoder(bytes)
  if (encoder.dimension !== TEXT_DIMENSION)
    throw new AppError(
      "bad_model",
      `expected a text encoder of ${TEXT_DIMENSION} numbers, got ${encoder.dimension}; remedy: restore ${folder}`,
    )
  readFrom.set(folder, encoder)
  return encoder
}
