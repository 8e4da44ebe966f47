// A type-erased codec of one message type: copies, encodes and decodes values whose type is not known, for links,
// retries and the simulation. The encoded form is JSON as in json.hpp.
//
//   const message_codec* c = codec_of<charge>();  // message_codec_of.hpp; null: the type has no JSON form
//   std::string text;
//   c->encode(text, &body);
//   if (auto refused = c->decode(storage, text)) return *refused;   // invalid_argument, with the path of the member
//   c->destroy(storage);
//
// Prefer decode_message() and copy_message() of message.hpp, which manage the storage.
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
  std::size_t size, alignment;  // bytes of storage for one value
  void (*destroy)(void* value) noexcept;
  void (*copy)(void* storage, const void* value);                                 // copy-constructs into `storage`
  void (*encode)(std::string& out, const void* value);                            // appends JSON
  std::optional<error> (*decode)(void* storage,
                                 std::string_view json);  // constructs into `storage`; on error nothing is constructed
  std::optional<error> (*read)(void* storage, const boost::json::value& parsed);  // as decode
  shape (*describe)();
};

}  // namespace banyan
