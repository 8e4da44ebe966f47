// Described structs <-> JSON. A struct described with BOOST_DESCRIBE_STRUCT, an enum with BOOST_DESCRIBE_ENUM, and any nesting of them with
// std::string, numbers, bool, std::optional, std::vector, std::map<std::string, T>, std::variant, uuid, instant, timespan and money encode and
// decode without further code:
//
//   struct line { std::string sku; std::int64_t quantity = 1; std::optional<std::string> note; };
//   BOOST_DESCRIBE_STRUCT(line, (), (sku, quantity, note))
//   std::string text = to_json(line{"A1", 2, {}});             // {"sku":"A1","quantity":2}
//   result<line> back = from_json<line>(text);
//
// The reader is tolerant, so that two versions of a program can talk: unknown members are ignored; a missing member
// keeps the value that the struct's default member initialiser gives when the type names it optional (`std::optional`, or
// listed in `static constexpr auto optional_fields = banyan::fields("quantity")`); any other missing member is an
// error that names its path ("lines[2].sku is missing"). A wrong type, an out-of-range number, an unknown enumerator, invalid
// UTF-8 and nesting deeper than 32 are errors that name the path too. Absent optionals are not written.
// A variant is {"<stored or type name>": {...}}; an unknown alternative is an error.
// (Boost.JSON 1.81's own conversion rejects unknown and missing members, hence this decoder over Describe.)
#pragma once
