import { AppError } from "../errors.ts"

/** @throws AppError `too_large` before more than `maxBytes` is held */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body?.getReader()
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
    size += next.value.byteLength
    if (size > maxBytes) {
      await reader?.cancel()
      throw new AppError("too_large", `Expected at most ${maxBytes} bytes. Send less at a time.`)
    }
    chunks.push(next.value)
  }
  return Buffer.concat(chunks)
}
