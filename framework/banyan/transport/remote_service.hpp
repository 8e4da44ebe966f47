// An actor that is the proxy of a service on other nodes: it sends each request to one of the nodes, in turn, and
// passes the answer back. When the caller gives up, the remote call is given up too.
//
// Errors besides those of the transport and of the other node: unavailable, not applied, when no node answers for
// the service; unimplemented for a request that is not encodable or not an operation of the service.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/transport/endpoint_set.hpp>
#include <banyan/transport/transport.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

class remote_service final : public actor {
 public:
  // `operations` must outlive this.
  remote_service(std::string service, std::vector<const operation*> operations,
                 std::shared_ptr<const endpoint_set> nodes, std::shared_ptr<transport> by)
      : service_{std::move(service)},
        operations_{std::move(operations)},
        nodes_{std::move(nodes)},
        transport_{std::move(by)} {}

  bool isolates_requests() const override { return true; }
  behavior make_behavior() override;

 private:
  task<result<message_ptr>> call(message& request);
  const operation* find(const message_type* request) const;

  const std::string service_;
  const std::vector<const operation*> operations_;
  const std::shared_ptr<const endpoint_set> nodes_;
  const std::shared_ptr<transport> transport_;
  std::size_t next_ = 0;
};

}  // namespace banyan
