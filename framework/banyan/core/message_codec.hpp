// How values of one message type are copied, written and read, with the type erased: what a link, a second attempt or a
// simulation needs of a message that it does not know. The encoded form is JSON, by the rules of json.hpp.
//
//   const message_codec* c = codec_of<charge>();  // message_codec_of.hpp; null: not described, can not travel
//   std::string text;
//   c->encode(text, &body);
//   if (auto refused = c->decode(storage, text)) return *refused;   // invalid_argument, with the path of the member
//   c->destroy(storage);
//
// Use message.hpp's decode_message() and copy_message(), which keep the value in a message.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/core/message_type.hpp>

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace banyan {

struct shape;

struct message_codec {
  const message_type* type;
  std::size_t size, alignment;  // of the storage that the value is made in, bytes
  void (*destroy)(void* value) noexcept;
  void (*copy)(void* storage, const void* value);                                 // makes a value
  void (*encode)(std::string& out, const void* value);                            // appends JSON
  std::optional<error> (*decode)(void* storage,
                                 std::string_view json);  // makes a value, or returns an error and makes none
  std::optional<error> (*read)(void* storage, const boost::json::value& parsed);  // the same
  shape (*describe)();
};

}  // namespace banyan
