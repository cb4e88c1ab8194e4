import type { JourneyMap } from "../journey/build-map.ts"
import { formatCount, formatShare, stepTitle } from "../journey/map-wording.ts"

/** The most common paths, each with its share of the visits and how often it ends in a purchase. */
export function JourneyMapPaths({ map }: { map: JourneyMap }) {
  const most = Math.max(...map.paths.map((path) => path.share), 0)
  return (
    <ol style={{ listStyle: "none", margin: 0, padding: 0 }}>
      {map.paths.map((path) => (
        <li
          key={path.steps.join(" ")}
          style={{
            display: "grid",
            gridTemplateColumns: "minmax(96px, 160px) minmax(0, 1fr) auto",
            gap: 16,
            alignItems: "center",
            padding: "9px 0",
            borderTop: "1px solid #e4e7eb",
          }}
        >
          <span style={{ display: "flex", alignItems: "center", gap: 8, fontVariantNumeric: "tabular-nums" }}>
            <span style={{ minWidth: 44, fontWeight: 600 }}>{formatShare(path.share)}</span>
            <span
              aria-hidden="true"
              style={{
                height: 6,
                width: `${most === 0 ? 0 : (path.share / most) * 60}%`,
                minWidth: 2,
                borderRadius: 3,
                background: "#0072b2",
                opacity: 0.55,
              }}
            />
          </span>
          <span style={{ overflowWrap: "anywhere" }}>
            {path.steps.map((step, index) => (
              <span key={step}>
                {index > 0 && <span style={{ color: "#9aa5b1" }}>{" → "}</span>}
                {stepTitle(step)}
              </span>
            ))}
          </span>
          <span style={{ color: "#616e7c", fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
            {formatCount(path.visits)} visits · {formatShare(path.conversion)} buy
          </span>
        </li>
      ))}
    </ol>
  )
}
