#include "messages/cib_steps.h"

namespace quorate {
namespace {

cib::Request single(const CibStep& step) {
  cib::Request request;
  if (step.kind == CibStep::Kind::kMerge) {
    request.operation = cib::Operation::kModify;
    request.section = step.section;
    request.options.may_create = true;
    request.data = step.text;
  } else {
    request.operation = cib::Operation::kDelete;
    request.section = step.text;
    request.options.xpath = true;
    request.options.multiple = true;
  }
  return request;
}

}  // namespace

cib::Request combine(const std::vector<CibStep>& steps) {
  if (steps.size() == 1) return single(steps.front());
  std::vector<cib::Request> requests;
  requests.reserve(steps.size());
  for (const CibStep& step : steps) requests.push_back(single(step));
  cib::Request request;
  request.operation = cib::Operation::kTransaction;
  request.data = cib::encode_transaction(requests);
  return request;
}

}  // namespace quorate
