-- What wrk sends, and one line of figures at its end: requests per second, 99th percentile in microseconds, failures.
--   wrk ... -s requests.lua URL -- [BODY]     with a body: POST of JSON, otherwise GET
function init(args)
  if args[1] then
    wrk.method = "POST"
    wrk.body = args[1]
    wrk.headers["Content-Type"] = "application/json"
  end
end

function done(summary, latency, requests)
  local e = summary.errors
  print(string.format("figures %.1f %d %d", summary.requests / (summary.duration / 1e6), latency:percentile(99.0),
                      e.connect + e.read + e.write + e.status + e.timeout))
end
