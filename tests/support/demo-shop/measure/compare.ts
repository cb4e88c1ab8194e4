import { generateDemoShop } from "../generate.ts"
import { demoLog } from "./demo-log.ts"
import { figuresOf, figuresTable } from "./figures.ts"
import { cdnowLog, onlineRetailLog, onlineShoppersLog, tmallLog } from "./real-logs.ts"

/** Prints the demo shop's figures beside those of real logs: node tests/support/demo-shop/measure/compare.ts FOLDER */
const folder = process.argv[2]
if (folder === undefined)
  throw new Error("expected the folder with the research logs as the first argument, got nothing")
const logs = [
  demoLog("Demo shop", generateDemoShop()),
  demoLog("Demo shop, drift", generateDemoShop({ world: "drift" })),
  await tmallLog(folder),
  await onlineRetailLog(folder),
  await cdnowLog(folder),
  await onlineShoppersLog(folder),
]
process.stdout.write(`${figuresTable(logs.map(figuresOf))}\n`)
