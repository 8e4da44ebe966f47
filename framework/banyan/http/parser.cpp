#include <banyan/http/parser.hpp>

#include <banyan/http/chunk_header.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <vector>

namespace banyan {

// Named, so that `error` is Beast's in here alone, also when sources are compiled as a group.
namespace parsing {

namespace beast = boost::beast;
using beast::http::error;

constexpr std::size_t read_size = 8 * 1024;
constexpr int max_interim_answers = 16;

// Collects one message. Beast calls the virtual functions; a broken rule sets `fault` and some error code.
template <bool is_request>
class gatherer final : public beast::http::basic_parser<is_request> {
 public:
  using message = std::conditional_t<is_request, http_request, http_response>;

  gatherer(const http_limits& limits, bool to_head, std::string& valid_host)
      : limits_{&limits}, valid_host_{&valid_host} {
    this->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    this->body_limit(limits.body_bytes);
    this->eager(false);
    this->skip(to_head);
  }

  message gathered;
  http_version version = http_version::v1_1;
  std::optional<protocol_fault> fault;
  bool at_chunk_header = false;  // next is a chunk header or the end of the last chunk
  bool after_chunk = false;      // ... preceded by the line end of a chunk's data

 private:
  void refuse(protocol_fault why, beast::error_code& ec) {
    fault = std::move(why);
    ec = error::bad_value;
  }

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int v, beast::error_code& ec) override {
    if constexpr (is_request) {
      gathered.method.assign(method.data(), method.size());
      if (target.size() > limits_->target_bytes) return refuse({414, "the target is too long"}, ec);
      gathered.target.assign(target.data(), target.size());
      set_version(v);
    }
  }
  void on_response_impl(int status, beast::string_view, int v, beast::error_code&) override {
    if constexpr (!is_request) {
      gathered.status = status;
      set_version(v);
    }
  }
  void set_version(int v) { version = v == 10 ? http_version::v1_0 : http_version::v1_1; }

  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value, beast::error_code& ec) override {
    if (++fields_ > limits_->header_count) return refuse({431, "the header has too many fields"}, ec);
    if (!this->is_header_done()) gathered.headers.add(std::string{name}, std::string{value});
  }
  void on_header_impl(beast::error_code& ec) override {
    std::optional<protocol_fault> wrong;
    if constexpr (is_request)
      wrong = judge_request(gathered, version, *valid_host_);
    else
      wrong = judge_response(gathered);
    if (wrong) return refuse(std::move(*wrong), ec);
    if constexpr (is_request) {
      if (const auto host = gathered.headers.get("host"); host != *valid_host_) *valid_host_ = host;
    }
    at_chunk_header = this->chunked();
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view bytes, beast::error_code& ec) override { return keep(bytes, ec); }
  void on_chunk_header_impl(std::uint64_t size, beast::string_view extensions, beast::error_code& ec) override {
    if (!is_field_value({extensions.data(), extensions.size()})) return refuse({400, "a chunk extension has a control character"}, ec);
    if (size != 0) at_chunk_header = false;
  }
  std::size_t on_chunk_body_impl(std::uint64_t remaining, beast::string_view bytes, beast::error_code& ec) override {
    at_chunk_header = after_chunk = bytes.size() == remaining;
    return keep(bytes, ec);
  }
  void on_finish_impl(beast::error_code&) override {}

  std::size_t keep(beast::string_view bytes, beast::error_code& ec) {
    if (gathered.body.size() + bytes.size() > limits_->body_bytes) {
      ec = error::body_limit;
      return 0;
    }
    make_room(gathered.body.size() + bytes.size());
    gathered.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  // Doubles, up to the largest possible body.
  void make_room(std::size_t needed) {
    if (needed <= gathered.body.capacity()) return;
    const auto told = this->chunked() ? boost::optional<std::uint64_t>{} : this->content_length();
    const auto most = std::min<std::uint64_t>(told.value_or(limits_->body_bytes), limits_->body_bytes);
    std::string larger;  // `reserve` on a non-empty string at least doubles it
    larger.reserve(std::max<std::size_t>(needed, std::min<std::size_t>(2 * gathered.body.capacity(), most)));
    larger.append(gathered.body);
    gathered.body.swap(larger);
  }

  const http_limits* limits_;
  std::string* valid_host_;  // of the connection's last request
  std::size_t fields_ = 0;
};

protocol_fault fault_of(const beast::error_code& ec) {
  if (ec == error::header_limit) return {431, "the header is too large"};
  if (ec == error::body_limit) return {413, "the body is too large"};
  if (ec == error::bad_version) return {505, "the version is not HTTP/1.0 or HTTP/1.1"};
  if (ec == error::partial_message) return {400, "the message ends too early"};
  return {400, "malformed message: " + ec.message()};
}

template <bool is_request>
class stream {
 public:
  explicit stream(const http_limits& limits) : limits_{limits}, gather_{std::in_place, limits_, false, valid_host_} {}

  std::span<char> prepare() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (begin_ != 0) {
      std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
      end_ -= begin_;
      begin_ = 0;
    }
    if (bytes_.size() < end_ + read_size / 2) bytes_.resize(end_ + read_size);
    return {bytes_.data() + end_, bytes_.size() - end_};
  }
  void commit(std::size_t n) {
    end_ += n;
    parse();
  }
  void finish() {
    if (state_ == parse_state::done || state_ == parse_state::failed) return;
    if (!gather_->got_some()) return fail({400, "the message ends too early"});
    beast::error_code ec;
    gather_->put_eof(ec);
    if (ec) return fail(gather_->fault.value_or(fault_of(ec)));
    state_ = parse_state::done;
  }
  void start(bool to_head) {
    gather_.emplace(limits_, to_head, valid_host_);
    if constexpr (is_request) gather_->gathered.https = https_;
    to_head_ = to_head;
    state_ = parse_state::head;
    head_bytes_ = 0;
    interim_ = 0;
    skipped_empty_line_ = false;
    parse();
  }

  void over_tls() {
    https_ = true;
    start(false);
  }

  parse_state state() const { return state_; }
  bool untouched() const { return state_ == parse_state::head && begin_ == end_ && head_bytes_ == 0 && interim_ == 0; }
  bool leftover() const { return begin_ != end_; }
  // The bytes of a first line that is incomplete or invalid.
  std::string_view first_line() const {
    return head_bytes_ == 0 && state_ != parse_state::done ? std::string_view{bytes_.data() + begin_, end_ - begin_} : std::string_view{};
  }
  const protocol_fault& fault() const { return fault_; }
  const gatherer<is_request>& gathering() const { return *gather_; }
  auto take() { return std::move(gather_->gathered); }

 private:
  void fail(protocol_fault why) {
    fault_ = std::move(why);
    state_ = parse_state::failed;
  }

  void parse() {
    while (begin_ != end_ && state_ != parse_state::done && state_ != parse_state::failed) {
      if (is_request && !gather_->got_some() && !skip_empty_line()) return;
      const std::size_t available = end_ - begin_;
      if (available == 0) return;
      // Beast 1.81 asserts on "0" CRLF CR: once it sees the first line of a body's end it assumes that the end is
      // complete. Nothing valid that may follow is shorter than "0" CRLF CRLF, so wait for that many bytes.
      if (!chunk_header_may_come()) return fail({400, "a chunk does not begin with its size"});
      if (gather_->at_chunk_header && available < 5) return;
      const bool in_head = !gather_->is_header_done();
      beast::error_code ec;
      const auto used = gather_->put(boost::asio::const_buffer{bytes_.data() + begin_, available}, ec);
      begin_ += used;
      if (in_head) {
        head_bytes_ += used;
        gather_->eager(gather_->is_header_done());
      }
      // Beast's own limit is per line, because it is fed the header line by line.
      if (in_head && head_bytes_ + (gather_->is_header_done() ? 0 : end_ - begin_) > limits_.header_bytes) ec = error::header_limit;
      if (ec && ec != error::need_more) return fail(refusal(ec));
      if (gather_->is_done()) return complete();
      if (gather_->is_header_done()) state_ = parse_state::body;
      if (ec == error::need_more) {
        if (!chunk_header_may_come()) return fail({400, "a chunk does not begin with its size"});
        if (!in_head && end_ - begin_ > limits_.header_bytes) fail({400, "a chunk header or a trailer is too large"});
        return;
      }
    }
  }

  // Beast checks a chunk's size only when its line is complete.
  bool chunk_header_may_come() const {
    return !gather_->at_chunk_header || is_chunk_header_so_far({bytes_.data() + begin_, end_ - begin_}, gather_->after_chunk);
  }

  // Old clients send an empty line after a body (RFC 9112, 2.2). False: more bytes are needed.
  bool skip_empty_line() {
    if (skipped_empty_line_ || bytes_[begin_] != '\r') return true;
    if (end_ - begin_ < 2) return false;
    if (bytes_[begin_ + 1] == '\n') {
      begin_ += 2;
      skipped_empty_line_ = true;
    }
    return true;
  }

  protocol_fault refusal(const beast::error_code& ec) const {
    if (gather_->fault) return *gather_->fault;
    if (is_request && ec == error::header_limit && head_bytes_ == 0) return {414, "the request line is too long"};
    return fault_of(ec);
  }

  void complete() {
    if constexpr (!is_request) {
      if (gather_->gathered.status / 100 == 1 && gather_->gathered.status != 101) {
        if (++interim_ > max_interim_answers) return fail({502, "too many interim answers"});
        gather_.emplace(limits_, to_head_, valid_host_);
        state_ = parse_state::head;
        head_bytes_ = 0;
        return parse();
      }
    }
    state_ = parse_state::done;
  }

  http_limits limits_;
  std::string valid_host_;
  bool https_ = false;
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::optional<gatherer<is_request>> gather_;
  parse_state state_ = parse_state::head;
  protocol_fault fault_;
  std::size_t head_bytes_ = 0;
  int interim_ = 0;
  bool to_head_ = false;
  bool skipped_empty_line_ = false;
};

}  // namespace parsing

struct request_parser::machine : parsing::stream<true> {
  using stream::stream;
};
struct response_parser::machine : parsing::stream<false> {
  using stream::stream;
};

request_parser::request_parser(const http_limits& limits) : machine_{std::make_unique<machine>(limits)} {}
request_parser::request_parser(request_parser&&) noexcept = default;
request_parser::~request_parser() = default;
void request_parser::over_tls() { machine_->over_tls(); }
std::span<char> request_parser::prepare() { return machine_->prepare(); }
void request_parser::commit(std::size_t n) { machine_->commit(n); }
void request_parser::finish() { machine_->finish(); }
parse_state request_parser::state() const { return machine_->state(); }
bool request_parser::untouched() const { return machine_->untouched(); }
bool request_parser::leftover() const { return machine_->leftover(); }
const protocol_fault& request_parser::fault() const { return machine_->fault(); }
bool request_parser::keep_alive() const { return machine_->gathering().keep_alive(); }
bool request_parser::awaits_continue() const {
  return state() == parse_state::body && !machine_->leftover() && machine_->gathering().gathered.body.empty() &&
         wants_continue(machine_->gathering().gathered.headers, machine_->gathering().version);
}
const http_request& request_parser::head() const { return machine_->gathering().gathered; }
bool request_parser::to_head() const {
  return machine_->gathering().gathered.method == "HEAD" || machine_->first_line().starts_with("HEAD ");
}
http_version request_parser::version() const { return machine_->gathering().version; }
std::size_t request_parser::announced_body() const {
  return state() == parse_state::head ? 0 : static_cast<std::size_t>(machine_->gathering().content_length().value_or(0));
}
std::size_t request_parser::body_memory() const { return machine_->gathering().gathered.body.capacity(); }
http_request request_parser::take() { return machine_->take(); }
void request_parser::next() { machine_->start(false); }

response_parser::response_parser(const http_limits& limits) : machine_{std::make_unique<machine>(limits)} {}
response_parser::response_parser(response_parser&&) noexcept = default;
response_parser::~response_parser() = default;
void response_parser::expect(bool to_head) { machine_->start(to_head); }
std::span<char> response_parser::prepare() { return machine_->prepare(); }
void response_parser::commit(std::size_t n) { machine_->commit(n); }
void response_parser::finish() { machine_->finish(); }
parse_state response_parser::state() const { return machine_->state(); }
bool response_parser::untouched() const { return machine_->untouched(); }
bool response_parser::leftover() const { return machine_->leftover(); }
const protocol_fault& response_parser::fault() const { return machine_->fault(); }
bool response_parser::keep_alive() const { return machine_->gathering().keep_alive(); }
http_response response_parser::take() { return machine_->take(); }

}  // namespace banyan
