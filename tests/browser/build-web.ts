import { buildWebIfStale } from "../../app/cli/web-build.ts"

export default async function setup(): Promise<void> {
  await buildWebIfStale()
}
