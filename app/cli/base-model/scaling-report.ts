/** How the base model grows, as text and as a page with its picture (ml/throughline/pretrain/scaling.py). */
import { readFileSync } from "node:fs"
import { z } from "zod"
import { pictureFigure } from "../report/charts.ts"
import { escapeHtml } from "../report/html.ts"
import { alignedLines } from "../report/lines.ts"
import { page, scrolled, section } from "../report/page.ts"
import { pictureSchema } from "../report/picture.ts"

const pointSchema = z.object({
  size: z.number(),
  share: z.number(),
  events: z.number(),
  weights: z.number(),
  epochs: z.number(),
  "NDCG@10": z.number(),
})
const scalingSchema = z.object({
  points: z.array(pointSchema).min(1),
  pictures: z.array(pictureSchema).min(1),
})
export type Scaling = z.output<typeof scalingSchema>

export function readScaling(file: string): Scaling {
  return scalingSchema.parse(JSON.parse(readFileSync(file, "utf8")))
}

const HEADINGS = ["Size", "Shoppers", "Events learned from", "Weights", "Epochs", "NDCG@10"]

export function scalingText(points: Scaling["points"]): string {
  return alignedLines([HEADINGS, ...points.map(cells)]).join("\n")
}

function cells(point: Scaling["points"][number]): string[] {
  return [
    `d ${point.size}`,
    `${Math.round(point.share * 100)} %`,
    point.events.toLocaleString("en"),
    point.weights.toLocaleString("en"),
    String(point.epochs),
    point["NDCG@10"].toFixed(4),
  ]
}

export function scalingReport({
  points,
  pictures,
  seed,
  logs,
}: Scaling & { seed: number; logs: number }): string {
  const heading = HEADINGS.map((one) => `<th scope="col">${one}</th>`).join("")
  const lines = points.map((point) => {
    const [size, ...others] = cells(point)
    return `<tr><th scope="row">${size}</th>${others.map((cell) => `<td>${cell}</td>`).join("")}</tr>`
  })
  return page(
    "The base model over sizes and amounts of data",
    [
      `<header><h1>How the base model grows</h1>
<p class="quiet">${escapeHtml(`${logs === 1 ? "One log" : `${logs} logs`}, seed ${seed}. Every point is a model trained from its start on a share of the shoppers and judged on the validation parts of the whole logs.`)}</p></header>`,
      section("Picture", `<div class="pictures">${pictures.map(pictureFigure).join("")}</div>`),
      section(
        "Figures",
        scrolled(
          "Figures of each training",
          `<thead><tr>${heading}</tr></thead><tbody>${lines.join("")}</tbody>`,
        ),
      ),
    ].join("\n"),
  )
}
