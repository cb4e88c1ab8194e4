/**
 * The one way in: `npm run demo`, `npm test` and the other commands start here, under whatever Node the machine has.
 * It uses Node's built-ins alone, for at first there is nothing else: it installs the packages, then goes on under
 * the Node that came with them.
 */
import process from "node:process"

const OLDEST_NODE = 20

const ENTRIES = {
  demo: "app/cli/demo.ts",
  test: "tests/run.ts",
  bench: "tests/bench/run.ts",
  train: "app/cli/train.ts",
  "base-model": "app/cli/base-model.ts",
  evaluate: "app/cli/evaluate.ts",
  import: "app/cli/import.ts",
  convert: "app/cli/convert.ts",
  contracts: "app/cli/contracts.ts",
  faults: "tests/faults/run.ts",
  replay: "app/cli/replay.ts",
  backup: "app/cli/backup.ts",
  restore: "app/cli/restore.ts",
  "rotate-keys": "app/cli/rotate-keys.ts",
  web: "app/cli/web.ts",
  worker: "app/cli/worker.ts",
}

function refuse(message) {
  process.stderr.write(`\n✗ ${message}\n`)
  process.exit(1)
}

const [command, ...rest] = process.argv.slice(2)
if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE)
  refuse(
    `Throughline starts with Node ${OLDEST_NODE} or newer; this is Node ${process.versions.node}.\n` +
      "  Install a newer Node (your system's packages, or nodejs.org) and run the same command again.",
  )
if (process.platform === "win32")
  refuse("Throughline runs on Linux and macOS. On Windows run it inside WSL 2.")
if (!Object.hasOwn(ENTRIES, command ?? ""))
  refuse(
    `Expected a command, got ${command ? `“${command}”` : "none"}. There are: ${Object.keys(ENTRIES).join(", ")}.`,
  )

// Imported only now, so that an old Node meets the message above and not a missing function.
const { prepare } = await import("./set-up/prepare.mjs")
const { SetUpError } = await import("./set-up/show.mjs")
const { runEntry } = await import("./set-up/run-entry.mjs")
try {
  const node = await prepare(command)
  process.exitCode = await runEntry(node, ENTRIES[command], rest)
} catch (error) {
  if (error instanceof SetUpError) refuse(error.message)
  throw error
}
