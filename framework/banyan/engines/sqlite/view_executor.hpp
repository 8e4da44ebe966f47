// Where the jobs of a view run: on threads of their own, each with a connection, or at once on the caller's thread. The store is the
// same above both.
#pragma once

#include <banyan/engines/sqlite/view_session.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace banyan::sqlite {

// Something to do with a connection; an error instead of one (`exhausted`, `unavailable`) when it is never going to be done.
using view_job = completion<view_session*>;

class view_executor {
 public:
  virtual ~view_executor() = default;
  virtual void on_writer(view_job job) = 0;              // one after the other, in order
  virtual void on_reader(view_job job) = 0;
};

// One writer thread, a reader thread per further session, and a bounded queue for each side. Destruction finishes the jobs under way and
// refuses those that wait.
std::unique_ptr<view_executor> make_view_threads(std::unique_ptr<view_session> writer, std::vector<std::unique_ptr<view_session>> readers,
                                                 std::size_t write_queue, std::size_t read_queue);

// One connection for all. A job that is given from within another one runs right after it, before the outer call returns. A job
// may drop the last owner of the executor.
std::shared_ptr<view_executor> make_view_inline(std::unique_ptr<view_session> session);

}  // namespace banyan::sqlite
