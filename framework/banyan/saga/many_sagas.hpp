// What the words of sagas do with many sagas of a running node, through its operations port: page by page, one saga at
// a time.
#pragma once

#include <banyan/assembly/operator_words.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace banyan {

// Targets at the operations port (saga_administration.hpp), with the names of a word's arguments.
inline constexpr std::string_view sagas_path =
    "/sagas?name={--name}&status={--status}&version={--version}&older-than={--older-than}&waiting-for={--waiting-for}"
    "&limit={--limit}&after={--after}";
inline constexpr std::string_view saga_history_path = "/sagas/{id}/history?name={--name}&from={from}";

// --all: posts `path` for each saga that the filters choose, --rate of them in a second; --dry-run: says which they
// are. What a saga answers is shown as for one; a refusal is reported and does not stop the others, unless it is one of the
// operator's token. Nothing without --all. The exit code is 1 when one was refused.
std::optional<result<operator_text>> change_sagas(const operator_call& call, std::string_view path,
                                                  const show_answer& show);

// Replays the stored turns of one saga (id), or of all that the filters choose, with the code of the program that asks.
// One that has another build than the node finds out before a deployment which living sagas it would block.
std::optional<result<operator_text>> replay_sagas(const operator_call& call);

// Writes the turns of the current run, one a line, to dir/<saga>/v<version>/<id>.jsonl, of at most --per-version sagas
// of each version.
std::optional<result<operator_text>> export_sagas(const operator_call& call);

}  // namespace banyan
