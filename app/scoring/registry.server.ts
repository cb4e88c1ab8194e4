import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { CONTRACT_HASH } from "../features/contract.ts"
import { IMAGE_DIMENSION } from "../features/item-inputs.ts"
import { cachedModelFiles, sha256Of } from "./model-cache.server.ts"
import {
  GRAPH_FILES,
  MAX_MODEL_FILE_BYTES,
  type Manifest,
  MODEL_FILES,
  type ModelFile,
  parseGolden,
  parseItems,
  parseManifest,
} from "./model-files.ts"
import { refuseUntrustedGraph } from "./onnx-graph.ts"
import { tryModel } from "./scorer.server.ts"

const CARD = "card.md"

export type LiveModel = {
  modelId: string
  version: string
  sha256: string
  manifest: Manifest
  publishedAt: Date
}

async function readModelFile(folder: string, name: string): Promise<Buffer> {
  const path = join(folder, name)
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  )
  if (size === null)
    throw new AppError(
      "bad_model",
      `Expected ${name} in the model's folder, found none. A model has ${MODEL_FILES.join(", ")}; npm run train makes them.`,
    )
  if (size > MAX_MODEL_FILE_BYTES)
    throw new AppError("bad_model", `${name} has ${size} bytes; at most ${MAX_MODEL_FILE_BYTES} are taken.`)
  return readFile(path)
}

/**
 * Takes a trained model into the database as a candidate, after its contract hash, its pictures, the SHA-256 of each file and its
 * operators are what they must be. The same model registered twice is the same row. Returns its id.
 * @throws AppError `bad_model` naming what is wrong.
 */
export async function registerModel(shopId: number, folder: string): Promise<string> {
  const files = new Map<string, Buffer>()
  for (const name of MODEL_FILES) files.set(name, await readModelFile(folder, name))
  const bytes = (name: ModelFile): Buffer => files.get(name) ?? Buffer.alloc(0)
  const manifest = parseManifest(bytes("manifest.json"))
  if (manifest.contract_hash !== CONTRACT_HASH)
    throw new AppError(
      "bad_model",
      `The model was made for inputs of contract ${manifest.contract_hash.slice(0, 12)}…, this program computes those of ${CONTRACT_HASH.slice(0, 12)}…. Train it again with this version (npm run train).`,
    )
  if (manifest.image_dimension !== IMAGE_DIMENSION)
    throw new AppError(
      "bad_model",
      `The model reads a vector of ${manifest.image_dimension} numbers for each product's picture, this program makes ${IMAGE_DIMENSION === 0 ? "none" : `one of ${IMAGE_DIMENSION}`}. Train it again from rows of this version (npm run train).`,
    )
  for (const name of MODEL_FILES) {
    if (name === "manifest.json") continue
    const expected = manifest.sha256[name]
    const came = sha256Of(bytes(name))
    if (came !== expected)
      throw new AppError(
        "bad_model",
        `${name} has SHA-256 ${came}, its manifest says ${expected ?? "nothing"}: the file is damaged or not of this model. Copy or train the model again.`,
      )
  }
  for (const name of GRAPH_FILES) refuseUntrustedGraph(name, bytes(name))
  parseGolden(bytes("golden.json"))
  parseItems(bytes("items.json"))
  const card = await readFile(join(folder, CARD)).catch(() => null)
  if (card) files.set(CARD, card)
  return storeModel(shopId, manifest, files)
}

/** What people call a model: the day its training data ended, and the start of its hash. */
function versionOf(manifest: Manifest, whole: string): string {
  const day = manifest.trained ? `${new Date(manifest.trained.to_ms).toISOString().slice(0, 10)}-` : ""
  return `${day}${whole.slice(0, 8)}`
}

async function storeModel(
  shopId: number,
  manifest: Manifest,
  files: ReadonlyMap<string, Buffer>,
): Promise<string> {
  const hashes = [...files].map(([name, content]) => ({ name, content, sha256: sha256Of(content) }))
  const whole = sha256Of(
    Buffer.from(
      hashes
        .map(({ name, sha256 }) => `${name} ${sha256}`)
        .sort()
        .join("\n"),
    ),
  )
  return withShopSql(shopId, async (client) => {
    // Two registrations of one model at a time must not make two rows.
    await client.query("SELECT pg_advisory_xact_lock(hashtext('register_model'), $1)", [shopId])
    const known = await client.query<{ id: string }>(
      "SELECT model_id AS id FROM models WHERE shop_id = $1 AND sha256 = $2",
      [shopId, whole],
    )
    if (known.rows[0]) return known.rows[0].id
    const { rows } = await client.query<{ id: string }>(
      "INSERT INTO models (shop_id, version, contract_hash, sha256, manifest) VALUES ($1, $2, $3, $4, $5) RETURNING model_id AS id",
      [shopId, versionOf(manifest, whole), manifest.contract_hash, whole, JSON.stringify(manifest)],
    )
    const modelId = rows[0]?.id
    if (modelId === undefined) throw new AppError("internal", "The model's row was not made.")
    for (const { name, content, sha256 } of hashes)
      await client.query(
        "INSERT INTO model_files (shop_id, model_id, name, sha256, bytes) VALUES ($1, $2, $3, $4, $5)",
        [shopId, modelId, name, sha256, content],
      )
    return modelId
  })
}

/**
 * Lets a registered model serve, after its golden check has passed in a process of its own. The one that served is
 * retired. Serving processes take it over within seconds, and keep the old one until the new one is loaded.
 * @throws AppError `not_found`, or `bad_model` with the first output that differs.
 */
export async function publishModel(shopId: number, modelId: string): Promise<void> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ sha256: string; contract_hash: string }>(
      "SELECT sha256, contract_hash FROM models WHERE shop_id = $1 AND model_id = $2",
      [shopId, modelId],
    ),
  )
  const [model] = rows
  if (!model)
    throw new AppError(
      "not_found",
      `There is no model ${modelId} in this shop. Register it from its folder first.`,
    )
  if (model.contract_hash !== CONTRACT_HASH)
    throw new AppError(
      "bad_model",
      `Model ${modelId} was made for other inputs (contract ${model.contract_hash.slice(0, 12)}…, expected ${CONTRACT_HASH.slice(0, 12)}…). Train it again.`,
    )
  const files = await cachedModelFiles(shopId, modelId)
  const refused = await tryModel(model.sha256, files)
  if (refused !== null)
    throw new AppError("bad_model", `Model ${modelId} may not serve: ${refused}. Train or copy it again.`)
  await withShopSql(shopId, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('publish_model'), $1)", [shopId])
    await client.query(
      "UPDATE models SET state = 'retired' WHERE shop_id = $1 AND state = 'live' AND model_id <> $2",
      [shopId, modelId],
    )
    await client.query(
      "UPDATE models SET state = 'live', published_at = now() WHERE shop_id = $1 AND model_id = $2",
      [shopId, modelId],
    )
  })
}

/** The model that serves this shop, or null. */
export async function liveModel(shopId: number): Promise<LiveModel | null> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{
      model_id: string
      version: string
      sha256: string
      manifest: Manifest
      published_at: Date
    }>(
      "SELECT model_id, version, sha256, manifest, published_at FROM models WHERE shop_id = $1 AND state = 'live' ORDER BY published_at DESC LIMIT 1",
      [shopId],
    ),
  )
  const [row] = rows
  if (!row) return null
  return {
    modelId: row.model_id,
    version: row.version,
    sha256: row.sha256,
    manifest: row.manifest,
    publishedAt: row.published_at,
  }
}
