import { Form, Link, useSearchParams } from "@remix-run/react"
import type { JourneyMap } from "../journey/build-map.ts"
import { addDays } from "../journey/map-days.ts"
import { STAGE_NAMES, segmentName, stepTitle } from "../journey/map-wording.ts"
import { IDENTITY_SEGMENTS, LIFECYCLE_SEGMENTS, VISITOR_SEGMENTS } from "../journey/segments.ts"
import { MAP_STEPS, STAGES, stageOf } from "../journey/stages.ts"

/** What the admin's frame adds to an address and must find again after a plain form was sent. */
const FRAME_PARAMETERS = ["shop", "host", "embedded"]
const PERIODS = [7, 30, 90, 365]

const field = { display: "flex", flexDirection: "column", gap: 4, fontSize: 12, color: "#616161" } as const
const input = {
  font: "inherit",
  fontSize: 13,
  color: "#303030",
  minHeight: 32,
  padding: "4px 8px",
  border: "1px solid #8a8a8a",
  borderRadius: 8,
  background: "#fdfdfd",
} as const

type Props = { map: JourneyMap; days: { from: string; to: string }; channels: readonly string[] }

/** Period, segment, first and last step of the map: a plain form, so that it works before any script has come. */
export function JourneyMapControls({ map, days, channels }: Props) {
  const [parameters] = useSearchParams()
  return (
    <Form method="get" key={[map.from, map.to, map.segment, map.start, map.end].join()}>
      {FRAME_PARAMETERS.map((name) => {
        const value = parameters.get(name)
        return value === null ? null : <input key={name} type="hidden" name={name} value={value} />
      })}
      <div style={{ display: "flex", flexWrap: "wrap", gap: 12, alignItems: "flex-end" }}>
        <label style={field}>
          From
          <input style={input} type="date" name="from" defaultValue={map.from} required />
        </label>
        <label style={field}>
          To
          <input style={input} type="date" name="to" defaultValue={map.to} required />
        </label>
        <label style={field}>
          Visits
          <select style={input} name="segment" defaultValue={map.segment}>
            <SegmentOptions channels={channels} chosen={map.segment} />
          </select>
        </label>
        <StepField label="Starting at" name="start" any="Any step" value={map.start} />
        <StepField label="Ending at" name="end" any="Any step" value={map.end} />
        <button
          type="submit"
          style={{
            ...input,
            background: "#303030",
            borderColor: "#303030",
            color: "#ffffff",
            padding: "4px 14px",
            cursor: "pointer",
          }}
        >
          Show
        </button>
      </div>
      <Periods map={map} days={days} />
    </Form>
  )
}

function SegmentOptions({ channels, chosen }: { channels: readonly string[]; chosen: string }) {
  const sources = channels.map((channel) => `source:${channel}`)
  const known = ["all", ...VISITOR_SEGMENTS, ...IDENTITY_SEGMENTS, ...sources]
  const lifecycles = LIFECYCLE_SEGMENTS.map((name) => `lifecycle:${name}`)
  const option = (segment: string) => (
    <option key={segment} value={segment}>
      {segmentName(segment)}
    </option>
  )
  return (
    <>
      {option("all")}
      <optgroup label="Visitors">{[...VISITOR_SEGMENTS, ...IDENTITY_SEGMENTS].map(option)}</optgroup>
      <optgroup label="Lifecycle">{lifecycles.map(option)}</optgroup>
      <optgroup label="Source">
        {sources.map(option)}
        {[...known, ...lifecycles].includes(chosen) ? null : option(chosen)}
      </optgroup>
    </>
  )
}

type StepFieldProps = { label: string; name: string; any: string; value: string | null }

function StepField({ label, name, any, value }: StepFieldProps) {
  return (
    <label style={field}>
      {label}
      <select style={input} name={name} defaultValue={value ?? ""}>
        <option value="">{any}</option>
        {STAGES.map((stage) => (
          <optgroup key={stage} label={STAGE_NAMES[stage]}>
            {MAP_STEPS.filter((step) => stageOf(step) === stage).map((step) => (
              <option key={step} value={step}>
                {stepTitle(step)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  )
}

/** The usual periods, as links that keep the rest of the question. */
function Periods({ map, days }: { map: JourneyMap; days: { from: string; to: string } }) {
  const [parameters] = useSearchParams()
  const address = (from: string, to: string) => {
    const next = new URLSearchParams(parameters)
    next.delete("id_token")
    next.set("from", from)
    next.set("to", to)
    return `?${next}`
  }
  const periods = [
    ...PERIODS.map((length) => ({ name: `${length} days`, from: addDays(days.to, 1 - length), to: days.to })),
    { name: "Everything", ...days },
  ]
  return (
    <nav
      aria-label="Period"
      style={{ display: "flex", flexWrap: "wrap", gap: 14, marginTop: 10, fontSize: 12 }}
    >
      {periods.map(({ name, from, to }) => (
        <Link
          key={name}
          to={address(from, to)}
          aria-current={map.from === from && map.to === to ? "true" : undefined}
          style={
            map.from === from && map.to === to ? { color: "#303030", fontWeight: 600 } : { color: "#005bd3" }
          }
        >
          {name}
        </Link>
      ))}
    </nav>
  )
}
