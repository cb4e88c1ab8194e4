import { createHash, randomUUID } from "node:crypto"
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { withShopSql } from "../db.server.ts"
import { env } from "../env.server.ts"
import { AppError } from "../errors.ts"
import { MODEL_FILES, type ModelFile } from "./model-files.ts"
import type { CachedFile } from "./scorer-protocol.ts"

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/**
 * The files of a model on this machine's disk, named by their own SHA-256, brought from the database where they are
 * missing or damaged.
 * @throws AppError `not_found`, or `bad_model` where the database holds other bytes than it says.
 */
export async function cachedModelFiles(
  shopId: number,
  modelId: string,
): Promise<Record<ModelFile, CachedFile>> {
  const listed = await withShopSql(shopId, (client) =>
    client.query<{ name: string; sha256: string }>(
      "SELECT name, sha256 FROM model_files WHERE shop_id = $1 AND model_id = $2",
      [shopId, modelId],
    ),
  )
  const folder = join(env().THROUGHLINE_HOME, "models")
  await mkdir(folder, { recursive: true })
  const found = new Map<string, CachedFile>()
  for (const { name, sha256 } of listed.rows) {
    const path = join(folder, sha256)
    if (!(await holds(path, sha256))) await bring(shopId, modelId, name, sha256, path)
    found.set(name, { path, sha256 })
  }
  const file = (name: ModelFile): CachedFile => {
    const one = found.get(name)
    if (one === undefined)
      throw new AppError("not_found", `Model ${modelId} has no ${name}. Register it again from its folder.`)
    return one
  }
  const [tower, encoder, scorer, items, golden, manifest] = MODEL_FILES
  return {
    [tower]: file(tower),
    [encoder]: file(encoder),
    [scorer]: file(scorer),
    [items]: file(items),
    [golden]: file(golden),
    [manifest]: file(manifest),
  }
}

async function holds(path: string, sha256: string): Promise<boolean> {
  const there = await stat(path).then(
    () => true,
    () => false,
  )
  return there && sha256Of(await readFile(path)) === sha256
}

async function bring(
  shopId: number,
  modelId: string,
  name: string,
  sha256: string,
  path: string,
): Promise<void> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ bytes: Buffer }>(
      "SELECT bytes FROM model_files WHERE shop_id = $1 AND model_id = $2 AND name = $3",
      [shopId, modelId, name],
    ),
  )
  const bytes = rows[0]?.bytes
  if (bytes === undefined || sha256Of(bytes) !== sha256)
    throw new AppError(
      "bad_model",
      `${name} of model ${modelId} is not the file that was registered (SHA-256 differs). Register it again.`,
    )
  // Renamed into place, so that no other process ever reads half a file.
  const part = `${path}.${randomUUID()}`
  await writeFile(part, bytes)
  await rename(part, path)
}
