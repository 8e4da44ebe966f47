// The coroutine of a saga without its types, as the machine runs it. Made by saga_code_of<function>() (saga_code.hpp).
#pragma once

#include <banyan/core/message_type.hpp>
#include <banyan/core/result.hpp>
#include <banyan/saga/nested_json.hpp>

#include <memory>
#include <string>

namespace banyan {

class saga_machine;
struct message_codec;

class saga_frame {
 public:
  struct returned {
    nested_json result;  // {"ok":...} or {"error":...}
    bool failed = false;
  };
  virtual ~saga_frame() = default;
  virtual void start() = 0;
  virtual bool is_done() const = 0;
  virtual returned take() = 0;  // once, when it is done; throws what the function threw
};

struct saga_code {
  std::string name;                       // stored name, "orders.checkout"
  int version = 1;
  const message_type* input = nullptr;
  const message_codec* input_codec = nullptr;
  // invalid_argument: the input does not decode.
  result<std::unique_ptr<saga_frame>> (*begin)(saga_machine& m, const nested_json& input) = nullptr;
  // {"ok":...} read as today's type and written again; empty: it does not decode.
  nested_json (*result_of_today)(const nested_json& result) = nullptr;
};

}  // namespace banyan
