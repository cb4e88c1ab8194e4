import { outerNode } from "./outer-node.mjs"
import { projectRoot } from "./project.mjs"
import { runQuietly } from "./run-quietly.mjs"
import { SetUpError } from "./show.mjs"

const PLAIN = [
  "--global=false",
  "--dry-run=false",
  "--loglevel=error",
  // npm's own pauses between tries add up to minutes before it says that there is no network.
  "--fetch-retry-mintimeout=2000",
  "--fetch-retry-maxtimeout=10000",
]

/** Runs the person's npm with the person's registry, in the project; gives its exit code and what it said. */
export async function runNpm(args, env = {}) {
  // Started by `npm run`, this is the very npm that the person used; yarn and pnpm set it to themselves.
  const cli = process.env.npm_execpath ?? ""
  const [file, first] = /npm-cli\.c?js$/.test(cli) ? [outerNode(), [cli]] : ["npm", []]
  try {
    return await runQuietly(file, [...first, ...args, ...PLAIN], {
      cwd: projectRoot,
      env: { npm_config_update_notifier: "false", ...env },
    })
  } catch (error) {
    if (error.code !== "ENOENT") throw error
    throw new SetUpError("npm is not on the PATH. Install Node with npm and run the same command again.")
  }
}
