#include <services/acquirer/options.hpp>

#include <services/acquirer/callback_sender.hpp>

#include <banyan/plan/number_in.hpp>
#include <banyan/plan/suggestion.hpp>

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>

namespace acquirer {

namespace {

using banyan::code;
using banyan::error;
using banyan::result;

constexpr std::size_t max_secret_bytes = 4'096;

constexpr const char* footer = R"(
Cards are test tokens:
  tok_ok         captured                     tok_declined   declined: insufficient_funds
  tok_slow       captured, answered 2 s later tok_stolen     declined: do_not_honour
  tok_expired    declined: expired_card       tok_limit      declined: limit_exceeded
  tok_fraud      declined: suspected_fraud    any other      declined: invalid_card

Faults (NAME=VALUE; changed at run time by PUT /faults, listed by GET /faults):
  latency.mean=80ms latency.jitter=20ms     time added to each answer
  outage=on | reset | off                   refuse everything by 503, or by a connection reset
  error_rate=0.1                            503, nothing is done
  reset_rate=0.1                            connection reset, before or after the work was done
  lose_answer_rate=0.1                      the work is done, the answer never comes
  bad_json_rate=0.1                         the answer's JSON is cut off
  wrong_currency_rate=0.1                   the answer is in a currency that nobody asked for
  slow_body.rate=0.1 slow_body.by=2s        the answer's body comes in pieces
  duplicate_callback_rate=0.1               a callback is sent twice
  late_callback.rate=0.1 late_callback.by=5s

Exit codes: 0 ended by SIGTERM or SIGINT, 1 it can not start or go on, 2 wrong usage.
)";

result<std::string> read_secret(const std::string& file, const char* variable) {
  std::string secret = variable ? variable : "";
  if (!file.empty()) {
    std::ifstream in{file, std::ios::binary};
    secret.assign(std::istreambuf_iterator<char>{in}, {});
    if (!in) return error{code::invalid_argument, "can not read the secret's file " + file};
    while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  }
  if (secret.empty())
    return error{code::invalid_argument,
                 std::string{"callbacks are signed: give --callback-secret-file, or the secret in "} + secret_variable};
  if (secret.size() > max_secret_bytes)
    return error{code::invalid_argument, "the secret is longer than " + std::to_string(max_secret_bytes) + " bytes"};
  return secret;
}

result<void> complete(program_options& o, const std::vector<std::string>& faults, const std::string& secret_file,
                      const char* variable) {
  for (const auto& text : faults) {
    auto assigned = fault_assignment(text);
    if (!assigned) return error{code::invalid_argument, "--fault " + text + ": " + assigned.error().message};
    auto merged = merge_faults(o.faults, *assigned);
    if (!merged) return error{code::invalid_argument, "--fault " + text + ": " + merged.error().message};
    o.faults = *merged;
  }
  if (o.callback_url.empty()) {
    if (!secret_file.empty())
      return error{code::invalid_argument, "--callback-secret-file is of use with --callback-url only"};
    return {};
  }
  if (auto valid = callback_sender::check({.url = o.callback_url, .secret = {}}); !valid)
    return error{code::invalid_argument, "--callback-url " + o.callback_url + ": " + valid.error().message};
  auto secret = read_secret(secret_file, variable);
  if (!secret) return secret.error();
  o.callback_secret = std::move(*secret);
  return {};
}

}  // namespace

parsed_options parse_options(int argc, char** argv, const char* secret) {
  CLI::App cli{
      "A card acquirer to try a shop against: charges, refunds and signed callbacks over HTTP, a book of its own in "
      "SQLite,\n"
      "and faults that a seed repeats."};
  cli.name("acquirer");
  cli.footer(footer);
  program_options o;
  std::vector<std::string> faults;
  std::string secret_file;
  const CLI::Validator not_empty{
      [](std::string& text) { return std::string{text.empty() ? "it must not be empty" : ""}; }, ""};
  cli.add_option("--port", o.port, "Port on 127.0.0.1; 0: any free one, which the first line of output names")
      ->transform(banyan::number_in<CLI::Validator>(0, 65535))
      ->envname("ACQUIRER_PORT")
      ->capture_default_str();
  cli.add_option("--data", o.data, "Folder of its book")
      ->type_name("DIR")
      ->envname("ACQUIRER_DATA")
      ->check(not_empty)
      ->capture_default_str();
  cli.add_option("--seed", o.seed, "The same seed injects the same faults")
      ->transform(banyan::number_in<CLI::Validator>(std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  cli.add_option("--fault", faults, "A fault, see below; may be given several times")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  cli.add_option("--callback-url", o.callback_url, "Where each captured charge and each refund is reported")
      ->type_name("URL")
      ->check(not_empty);
  cli.add_option("--callback-secret-file", secret_file,
                 std::string{"Secret of the callbacks' signatures; default: "} + secret_variable)
      ->type_name("FILE")
      ->check(not_empty);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (cli.exit(e) == 0) return {{}, 0};
    std::vector<banyan::command_words> words;
    banyan::collect_words(cli, {}, words);
    if (auto meant = banyan::suggestion(argc, argv, words); !meant.empty()) std::cerr << meant << '\n';
    return {{}, 2};
  }
  if (auto good = complete(o, faults, secret_file, secret); !good) {
    std::cerr << good.error().message << '\n';
    return {{}, 2};
  }
  return {std::move(o), 0};
}

}  // namespace acquirer
