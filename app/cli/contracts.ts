import { mkdirSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { CONTRACT_HASH, contractJson } from "../features/contract.ts"

/** `npm run contracts`: writes what models and the program agree on, for the pipeline in ml/. */
const target = fileURLToPath(new URL("../../ml/contract.json", import.meta.url))
mkdirSync(fileURLToPath(new URL("../../ml/", import.meta.url)), { recursive: true })
writeFileSync(target, contractJson())
console.info(`ml/contract.json written, hash ${CONTRACT_HASH}`)
