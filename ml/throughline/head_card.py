"""The heads' figures as lines of a model's card."""

NAMES = {
    "next_stage_logits": "next stage",
    "next_type_logits": "next type of event",
    "step_gap_logits": "time to the next step",
    "intent_logit": "the visit still buys",
    "return_hazard_logits": "comes back",
    "spend": "spend of the next days",
}


def head_card_lines(heads: dict[str, dict]) -> list[str]:
    lines = [
        "",
        "## What else follows",
        "",
        "Each head beside its baseline, on events after those it was fitted on. One that does not beat it "
        "with the whole 95 % interval (shoppers drawn again) is left out of the model.",
        "",
        "| head | asked | metric | model | baseline | gain | served |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, report in heads.items():
        served = "yes" if report["served"] else "no"
        rows = figures(name, report)
        if not rows:
            lines.append(f"| {NAMES[name]} | too few to judge | | | | | no |")
        for asked, metric, model, baseline, gain in rows:
            lines.append(f"| {NAMES[name]} | {asked} | {metric} | {model} | {baseline} | {gain} | {served} |")
    stage = heads["next_stage_logits"]
    if stage["events"]:
        lines += ["", "| stage | predicted | observed | calibration error |", "|---|---|---|---|"]
        for name, one in stage["calibration"].items():
            shares = (one["predicted"], one["observed"], one["calibration_error"])
            lines.append(f"| {name} | " + " | ".join(f"{share:.4f}" for share in shares) + " |")
    return lines


def figures(name: str, report: dict) -> list[tuple[str, str, str, str, str]]:
    """(asked, metric, model, baseline, gain) a row; none where there was too little to judge by."""
    if name == "spend":
        if "rmse" not in report:
            return []
        asked = f"{report['visits']:,} visits, {report['spending']:,} spend"
        gain = interval(report["gain_in_squared_error"])
        return [
            (asked, "RMSE", f"{report['rmse']:.2f}", f"table {report['table_rmse']:.2f}", f"{gain} squared"),
            (
                asked,
                "Gini",
                f"{report['gini']:.3f}",
                f"table {report['table_gini']:.3f}",
                interval(report["gain_in_gini"]),
            ),
        ]
    if name == "return_hazard_logits":
        return [
            row
            for days, one in report.items()
            if days.startswith("days_") and "auc" in one
            for row in return_figures(days.removeprefix("days_"), one)
        ]
    if "log_loss" not in report:
        return []
    if name == "intent_logit":
        return intent_figures(report)
    loss, table = report["log_loss"], report["transition_table_log_loss"]
    gain = interval(report["gain_in_log_loss"])
    return [(f"{report['events']:,} events", "log loss, nats", f"{loss:.4f}", f"table {table:.4f}", gain)]


def intent_figures(report: dict) -> list[tuple[str, str, str, str, str]]:
    asked = f"{report['events']:,} events"
    gain = interval(report["gain_in_log_loss"])
    loss, table = report["log_loss"], report["table_log_loss"]
    rows = [
        (asked, "log loss, nats", f"{loss:.4f}", f"table {table:.4f}", gain),
        (asked, "AUC", area(report["auc"]), f"table {area(report['table_auc'])}", ""),
        (asked, "calibration error", f"{report['calibration_error']:.4f}", "", ""),
    ]
    for events, one in report["after_events"].items():
        asked = f"after {events} events, {one['visits']:,} visits"
        rows.append((asked, "AUC", area(one["auc"]), f"table {area(one['table_auc'])}", ""))
    return rows


def return_figures(days: str, report: dict) -> list[tuple[str, str, str, str, str]]:
    asked = f"within {days} days, {report['visits']:,} visits"
    loss, table = report["log_loss"], report["table_log_loss"]
    gain = interval(report["gain_in_log_loss"])
    baselines = f"recency {area(report['recency_auc'])}, table {area(report['table_auc'])}"
    return [
        (asked, "log loss, nats", f"{loss:.4f}", f"table {table:.4f}", gain),
        (asked, "AUC", area(report["auc"]), baselines, ""),
        (asked, "calibration error", f"{report['calibration_error']:.4f}", "", ""),
    ]


def interval(gain: dict) -> str:
    return f"{gain['gain']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]"


def area(value: list[float] | tuple[float, ...]) -> str:
    middle, low, high = value
    return f"{middle:.3f} [{low:.3f}, {high:.3f}]"
