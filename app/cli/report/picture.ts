/** A picture as the pipeline gives it: lines or bars, drawn by charts.ts. */
import { z } from "zod"

export const pictureSchema = z.object({
  kind: z.string(),
  title: z.string(),
  x: z.string(),
  y: z.string(),
  series: z.array(z.object({ name: z.string(), points: z.array(z.tuple([z.number(), z.number()])) })),
  note: z.string().default(""),
})
export type Picture = z.output<typeof pictureSchema>
