import { z } from "zod"
import { AppError } from "../errors.ts"

/** Files of a model artefact that the program reads. Their bytes lie in the database. */
export const GRAPH_FILES = ["item_tower.onnx", "encoder.onnx", "scorer.onnx"] as const
export const MODEL_FILES = [...GRAPH_FILES, "items.json", "golden.json", "manifest.json"] as const

export type GraphFile = (typeof GRAPH_FILES)[number]
export type ModelFile = (typeof MODEL_FILES)[number]

/** A behaviour model of a small shop has 2–4 MB; a file beyond this is no model of ours. */
export const MAX_MODEL_FILE_BYTES = 64 * 1024 * 1024

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** What serving needs of a manifest; everything else (metrics, training window, seed …) is kept and shown as is. */
const manifestSchema = z.looseObject({
  contract_hash: sha256,
  dimension: z.number().int().min(2).max(1024),
  /** Numbers in the picture's vector that its tower reads; models made before there were any say nothing. */
  image_dimension: z.number().int().min(0).default(0),
  /** How much the shop's neighbours count beside the model, as validation chose it. */
  blend: z.object({ weight: z.number().min(0).max(10), floor: z.number().positive() }),
  /** Of each file by its name. */
  sha256: z.record(z.string(), sha256),
  trained: z.looseObject({ to_ms: z.number() }).optional(),
})

export type Manifest = z.output<typeof manifestSchema>

const row = z.array(z.number())

/**
 * Inputs and PyTorch's outputs: some products through the item tower, some histories over these products through
 * the encoder, and its vectors through the scorer.
 */
const goldenSchema = z.looseObject({
  items: z.looseObject({
    inputs: z.object({ item_tokens: z.array(row), item_text: z.array(row), item_price: row, item_id: row }),
    /** (N, D); the matrix of the histories is these under a row of zeros. */
    item_vectors: z.array(row).min(1),
  }),
  histories: z.array(z.looseObject({ inputs: z.record(z.string(), row) })).min(1),
  /** Of the encoder by name: the shopper's vector, and the heads that this model has. */
  outputs: z.object({ shopper_vector: z.array(row) }).catchall(z.array(row)),
  scorer: z.object({
    boost: z.array(row),
    eligible: z.array(row),
    k: z.number().int().min(1),
    top_scores: z.array(row),
    top_items: z.array(row),
  }),
})

export type Golden = z.output<typeof goldenSchema>

function parse<T>(name: ModelFile, schema: z.ZodType<T>, bytes: Uint8Array): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)))
  } catch (cause) {
    const detail =
      cause instanceof z.ZodError
        ? cause.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")
        : "it is not JSON"
    throw new AppError(
      "bad_model",
      `${name} is not usable: ${detail}. Export the model with npm run train.`,
      {
        cause,
      },
    )
  }
}

export const parseManifest = (bytes: Uint8Array): Manifest => parse("manifest.json", manifestSchema, bytes)

export const parseGolden = (bytes: Uint8Array): Golden => parse("golden.json", goldenSchema, bytes)

/** External ids of the products that the model knows: item k of the list (0-based) has id k + 1. */
export const parseItems = (bytes: Uint8Array): string[] => parse("items.json", z.array(z.string()), bytes)
