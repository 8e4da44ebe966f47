#!/usr/bin/env python3
"""otlp_check.py FILE...: whether each file is an OTLP/JSON request of traces or metrics; exit code 1 and the problems,
if not.

Written from the OTLP specification ("JSON Protobuf Encoding") and the messages of opentelemetry-proto 1.x, not from our
encoder. Stricter than receivers must be: 64-bit integers are strings, as protobuf's JSON mapping writes them, and
unknown names are problems."""
import json, re, sys

INT64, UINT64, UINT32 = (-2**63, 2**63 - 1), (0, 2**64 - 1), (0, 2**32 - 1)


def text(v):
    return None if isinstance(v, str) else "is no string"


def boolean(v):
    return None if isinstance(v, bool) else "is no bool"


def hexadecimal(size):
    def check(v):
        if not isinstance(v, str) or not re.fullmatch("[0-9a-fA-F]{%d}" % (2 * size), v):
            return "is not %d bytes in hexadecimal" % size
        return None if int(v, 16) else "is all zero"
    return check


def big(limits):
    def check(v):
        if not isinstance(v, str) or not re.fullmatch("-?(0|[1-9][0-9]*)", v):
            return "is no 64-bit integer as a decimal string"
        return None if limits[0] <= int(v) <= limits[1] else "is out of range"
    return check


def small(limits):
    def check(v):
        good = isinstance(v, int) and not isinstance(v, bool) and limits[0] <= v <= limits[1]
        return None if good else "is no number from %d to %d" % limits
    return check


def double(v):
    good = (isinstance(v, (int, float)) and not isinstance(v, bool)) or v in ("NaN", "Infinity", "-Infinity")
    return None if good else "is no double"


class Many:
    def __init__(self, of):
        self.of = of


# Names of the messages stand for their tables below.
VALUE = {"stringValue": text, "boolValue": boolean, "intValue": big(INT64), "doubleValue": double}
MESSAGES = {
    "AnyValue": VALUE,
    "KeyValue": {"key": text, "value": "AnyValue"},
    "Resource": {"attributes": Many("KeyValue"), "droppedAttributesCount": small(UINT32)},
    "Scope": {"name": text, "version": text, "attributes": Many("KeyValue")},
    "Traces": {"resourceSpans": Many("ResourceSpans")},
    "ResourceSpans": {"resource": "Resource", "scopeSpans": Many("ScopeSpans"), "schemaUrl": text},
    "ScopeSpans": {"scope": "Scope", "spans": Many("Span"), "schemaUrl": text},
    "Span": {
        "traceId": hexadecimal(16), "spanId": hexadecimal(8), "traceState": text, "parentSpanId": hexadecimal(8),
        "flags": small(UINT32),
        "name": text, "kind": small((0, 5)), "startTimeUnixNano": big(UINT64), "endTimeUnixNano": big(UINT64),
        "attributes": Many("KeyValue"), "droppedAttributesCount": small(UINT32), "events": Many("Event"),
        "droppedEventsCount": small(UINT32), "links": Many("Link"), "droppedLinksCount": small(UINT32),
        "status": "Status"},
    "Event": {"timeUnixNano": big(UINT64), "name": text, "attributes": Many("KeyValue"),
              "droppedAttributesCount": small(UINT32)},
    "Link": {"traceId": hexadecimal(16), "spanId": hexadecimal(8), "traceState": text, "attributes": Many("KeyValue"),
             "droppedAttributesCount": small(UINT32), "flags": small(UINT32)},
    "Status": {"message": text, "code": small((0, 2))},
    "Metrics": {"resourceMetrics": Many("ResourceMetrics")},
    "ResourceMetrics": {"resource": "Resource", "scopeMetrics": Many("ScopeMetrics"), "schemaUrl": text},
    "ScopeMetrics": {"scope": "Scope", "metrics": Many("Metric"), "schemaUrl": text},
    "Metric": {"name": text, "description": text, "unit": text, "gauge": "Gauge", "sum": "Sum",
               "histogram": "Histogram"},
    "Gauge": {"dataPoints": Many("NumberPoint")},
    "Sum": {"dataPoints": Many("NumberPoint"), "aggregationTemporality": small((0, 2)), "isMonotonic": boolean},
    "Histogram": {"dataPoints": Many("HistogramPoint"), "aggregationTemporality": small((0, 2))},
    "NumberPoint": {"attributes": Many("KeyValue"), "startTimeUnixNano": big(UINT64), "timeUnixNano": big(UINT64),
                    "asDouble": double, "asInt": big(INT64), "flags": small(UINT32)},
    "HistogramPoint": {"attributes": Many("KeyValue"), "startTimeUnixNano": big(UINT64), "timeUnixNano": big(UINT64),
                       "count": big(UINT64), "sum": double, "bucketCounts": Many(big(UINT64)),
                       "explicitBounds": Many(double), "flags": small(UINT32)},
}
REQUIRED = {
    "KeyValue": {"key", "value"}, "Span": {"traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano"},
    "Event": {"timeUnixNano", "name"}, "Link": {"traceId", "spanId"}, "Metric": {"name"},
    "Sum": {"dataPoints", "aggregationTemporality"}, "Histogram": {"dataPoints", "aggregationTemporality"},
    "Gauge": {"dataPoints"},
    "NumberPoint": {"timeUnixNano"}, "HistogramPoint": {"timeUnixNano", "count", "bucketCounts", "explicitBounds"},
    "Traces": {"resourceSpans"}, "Metrics": {"resourceMetrics"}, "ResourceSpans": {"resource", "scopeSpans"},
    "ResourceMetrics": {"resource", "scopeMetrics"},
}


def checked(kind, v, where, problems):
    if isinstance(kind, Many):
        if not isinstance(v, list):
            problems.append(where + " is no array")
            return
        for i, each in enumerate(v):
            checked(kind.of, each, "%s[%d]" % (where, i), problems)
    elif callable(kind):
        why = kind(v)
        if why:
            problems.append("%s %s: %.80r" % (where, why, v))
    else:
        if not isinstance(v, dict):
            problems.append("%s is no %s" % (where, kind))
            return
        for name, member in v.items():
            if name not in MESSAGES[kind]:
                problems.append("%s: a %s has no %s" % (where, kind, name))
            else:
                checked(MESSAGES[kind][name], member, where + "." + name, problems)
        for name in sorted(REQUIRED.get(kind, set()) - v.keys()):
            problems.append("%s has no %s" % (where, name))
        rules(kind, v, where, problems)


def rules(kind, v, where, problems):
    """What the comments in the .proto files demand beyond the types."""
    def refuse(what):
        problems.append(where + ": " + what)
    if kind == "AnyValue" and len(v) != 1:
        refuse("a value has one member")
    if "attributes" in v and isinstance(v["attributes"], list):
        keys = [a.get("key") for a in v["attributes"] if isinstance(a, dict)]
        if len(keys) != len(set(keys)):
            refuse("an attribute occurs twice")
        if "" in keys:
            refuse("an attribute without a key")
    if kind == "Span":
        if not v.get("name"):
            refuse("a span without a name")
        if not v.get("kind"):
            refuse("a span without a kind")
        if not problems and int(v["endTimeUnixNano"]) < int(v["startTimeUnixNano"]):
            refuse("it ends before it begins")
        if v.get("spanId") == v.get("parentSpanId"):
            refuse("it is its own parent")
    if kind == "Metric" and len(v.keys() & {"gauge", "sum", "histogram"}) != 1:
        refuse("a metric has data of one kind")
    if kind in ("Sum", "Histogram") and not v.get("aggregationTemporality"):
        refuse("the temporality is not said")
    if kind == "NumberPoint" and len(v.keys() & {"asInt", "asDouble"}) != 1:
        refuse("a point has one value")
    if kind == "HistogramPoint" and not problems:
        if len(v["bucketCounts"]) != len(v["explicitBounds"]) + 1:
            refuse("as many buckets as bounds, and one")
        if sum(map(int, v["bucketCounts"])) != int(v["count"]):
            refuse("the buckets' sum is not the count")
        if any(a >= b for a, b in zip(v["explicitBounds"], v["explicitBounds"][1:])):
            refuse("the bounds do not ascend")
    if kind == "Resource":
        keys = {a.get("key") for a in v.get("attributes", []) if isinstance(a, dict)}
        for name in ("service.name", "service.instance.id", "telemetry.sdk.name", "telemetry.sdk.language",
                     "telemetry.sdk.version"):
            if name not in keys:
                refuse("no " + name)
    for name in ("resourceSpans", "scopeSpans", "spans", "resourceMetrics", "scopeMetrics", "metrics", "dataPoints"):
        if v.get(name) == []:
            refuse(name + " is empty: empty envelopes are not sent")


def no_twice(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a member occurs twice")
    return dict(pairs)


def problems_of(body):
    def no_constant(name):
        raise ValueError(name + " is no JSON")
    try:
        request = json.loads(body, object_pairs_hook=no_twice, parse_constant=no_constant)
    except (ValueError, UnicodeDecodeError) as e:
        return [str(e)]
    problems = []
    kind = "Metrics" if isinstance(request, dict) and "resourceMetrics" in request else "Traces"
    checked(kind, request, kind, problems)
    return problems


def spans_of(body):
    return [s for r in json.loads(body)["resourceSpans"] for scope in r["scopeSpans"] for s in scope["spans"]]


def tree_problems(spans):
    """Of the spans of one trace: one root, every parent there, no id twice, no cycle."""
    problems = []
    by_id = {s["spanId"]: s for s in spans}
    if len(by_id) != len(spans):
        problems.append("a span id occurs twice")
    if len({s["traceId"] for s in spans}) != 1:
        problems.append("more than one trace")
    roots = [s for s in spans if "parentSpanId" not in s]
    if len(roots) != 1:
        problems.append("%d roots: %s" % (len(roots), [s["name"] for s in roots]))
    for s in spans:
        if "parentSpanId" in s and s["parentSpanId"] not in by_id:
            problems.append("%s: its parent is missing" % s["name"])
        seen, at = set(), s
        while at and at["spanId"] not in seen:
            seen.add(at["spanId"])
            at = by_id.get(at.get("parentSpanId"))
        if at:
            problems.append("%s: a cycle" % s["name"])
    return problems


def main():
    found = 0
    for name in sys.argv[1:]:
        with open(name, "rb") as f:
            for problem in problems_of(f.read()):
                print("%s: %s" % (name, problem))
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
