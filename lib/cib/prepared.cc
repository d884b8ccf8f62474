#include "cib/prepared.h"

#include "xml/node.h"

namespace quorate::cib {
namespace {

bool has_input(Operation operation) {
  return operation != Operation::kBump && operation != Operation::kErase &&
         operation != Operation::kUpgrade;
}

}  // namespace

Prepared::Prepared(const Request& request)
    : operation_(request.operation), section_(request.section), options_(request.options) {
  const bool transaction = operation_ == Operation::kTransaction;
  if (has_input(operation_) && (transaction || !request.data.empty())) {
    auto parsed = xml::Document::parse(request.data, transaction ? "transaction" : "request");
    if (!parsed) {
      failure_ = Failure{Code::kBadInput, parsed.error().message};
      return;
    }
    if (!xml::reduce_to_elements(parsed->root())) {
      failure_ = Failure{Code::kBadInput, "request: names with XML namespaces are not allowed"};
      return;
    }
    document_ = std::move(*parsed);
  }
  if (transaction) {
    read_transaction();
  } else {
    steps_.push_back({operation_, section_, options_, document_.root()});
  }
}

void Prepared::read_transaction() {
  for (const xml::Element item : xml::children(document_.root())) {
    const std::string_view name = item.get_or("operation", {});
    const auto operation = operation_from(name);
    if (!operation || !modifies(*operation) || *operation == Operation::kTransaction) {
      steps_.clear();
      failure_ = Failure{Code::kNotSupported,
                         "operation '" + std::string(name) + "' can't be part of a transaction"};
      return;
    }
    steps_.push_back({*operation, std::string(item.get_or("section", {})),
                      options_from(item.get_or("options", {})), item.first_child()});
  }
}

}  // namespace quorate::cib
