#include <banyan/engines/framed_transport/upgrade.hpp>

#include <charconv>

namespace banyan::framed {

namespace {

constexpr std::string_view protocol = "banyan/1";
constexpr std::string_view path = "/banyan/transport";
constexpr std::string_view line_end = "\r\n";

std::string_view phrase(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 426:
      return "Upgrade Required";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Refused";
  }
}

error refused(std::string text, std::string reason) {
  return error{code::unavailable, std::move(text)}.because(std::move(reason));
}

// Parses the header fields; folded or malformed lines are skipped, since they can not name a protocol.
header_list fields_of(std::string_view head) {
  header_list fields;
  for (std::size_t at = head.find(line_end); at != head.npos && at + 2 < head.size();) {
    const auto begin = at + 2;
    at = head.find(line_end, begin);
    const auto line = head.substr(begin, at - begin);
    const auto colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon))) continue;
    auto value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    fields.add(std::string{line.substr(0, colon)}, std::string{value});
  }
  return fields;
}

}  // namespace

std::string upgrade_request(std::string_view application, std::string_view authority) {
  std::string out{"GET "};
  out.append(path).append(" HTTP/1.1\r\nHost: ").append(authority);
  out.append("\r\nConnection: Upgrade\r\nUpgrade: ").append(protocol);
  return out.append("\r\nBanyan-Application: ").append(application).append("\r\n\r\n");
}

int judge_upgrade(const http_request& request, std::string_view application) {
  if (request.target != path) return 404;
  if (request.method != "GET" || !request.headers.has_token("Connection", "upgrade") ||
      !request.headers.has_token("Upgrade", protocol))
    return 426;
  return request.headers.get("Banyan-Application") == application ? 101 : 403;
}

std::string upgrade_response(int status) {
  std::string out{"HTTP/1.1 "};
  out.append(std::to_string(status)).append(" ").append(phrase(status)).append(line_end);
  if (status == 101 || status == 426) out.append("Upgrade: ").append(protocol).append(line_end);
  out.append(status == 101   ? "Connection: Upgrade\r\n"
             : status == 426 ? "Connection: Upgrade, close\r\n"
                             : "Connection: close\r\n");
  if (status != 101) out.append("Content-Length: 0\r\n");
  return out.append(line_end);
}

std::size_t find_head_end(std::string_view bytes, std::size_t searched) {
  constexpr std::string_view empty_line = "\r\n\r\n";
  const auto at = bytes.find(empty_line, searched < empty_line.size() ? 0 : searched - empty_line.size());
  return at == bytes.npos ? at : at + empty_line.size();
}

result<void> read_upgrade_response(std::string_view head) {
  constexpr std::string_view version = "HTTP/1.1 ";
  int status = 0;
  if (!head.starts_with(version) || head.size() < version.size() + 4 ||
      std::from_chars(head.data() + version.size(), head.data() + version.size() + 3, status).ptr !=
          head.data() + version.size() + 3)
    return refused("the other side does not speak HTTP", "handshake_failed");
  if (status == 403)
    return refused("the other node does not take this one: its name or application is another", "not_accepted");
  if (status == 503) return refused("the other node takes no connections now", "not_accepted");
  if (status == 426)
    return refused("the other node speaks no version of the protocol that is known here", "version_refused");
  if (status != 101) return refused("the upgrade was answered " + std::to_string(status), "handshake_failed");
  if (!fields_of(head).has_token("Upgrade", protocol))
    return refused("the other node has chosen another protocol", "version_refused");
  return {};
}

}  // namespace banyan::framed
