/**
 * `npm run contracts`: writes what is agreed on with others, so that a difference shows in a review: with the pipeline
 * in ml/, and with Shopify's Admin API.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { CONTRACT_HASH, contractJson } from "../features/contract.ts"
import { generateAdminTypes } from "./admin-types.ts"
import { projectRoot } from "./set-up/project.mjs"

function write(path: string, content: string): void {
  const file = join(projectRoot, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  console.info(`${path} written`)
}

write("ml/contract.json", contractJson())
console.info(`hash ${CONTRACT_HASH}`)
for (const { path, content } of await generateAdminTypes()) write(path, content)
