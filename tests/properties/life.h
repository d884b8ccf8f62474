#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/output.h"
#include "configuration.h"
#include "shape.h"
#include "simulate/cluster.h"
#include "xml/document.h"

namespace quorate::properties {

/// The life of one random cluster: it is configured, its nodes come up, plans are made and carried
/// out at once, things fail and people change things. Every plan is held to the properties.
class Life {
 public:
  /// `must_settle`: in the end, when nothing happens any more, planning again must give a plan
  /// that does nothing, but for the exceptions of exceptions.h.
  explicit Life(const Shape& shape, bool must_settle = true);

  /// Lives to the end or to the first property that doesn't hold, which is returned in words.
  std::string live();
  /// The CIB as it is: what the last plan was made for.
  const xml::Document& cib() const { return cib_; }
  /// Why it needn't come to rest; empty if it did, or had to.
  std::string_view exception() const { return exception_; }
  /// Plans made so far.
  int plans() const { return plans_; }

 private:
  /// Plans, checks the plan and carries it out, with `failures` as of `crm_simulate --op-fail`.
  std::string round(const std::vector<std::string>& failures);
  /// Plans until there is nothing left to do.
  std::string come_to_rest();
  std::string check_pure(const std::string& graph) const;
  std::vector<std::string> some_failures(const std::string& graph, Dice& dice) const;

  void happen(Dice& dice);
  void change_node(Dice& dice);
  void change_configuration(Dice& dice);
  void change_operation(Dice& dice);

  Shape shape_;
  bool must_settle_;
  Names names_;
  xml::Document cib_;
  std::unique_ptr<cli::Output> output_;
  int plans_ = 0;
  /// What the last plan did, and where everything was before it.
  struct Round {
    std::string did;
    std::string whereabouts;
    std::string_view reason_to_go_on;  ///< if asks_why_
  };
  bool asks_why_ = false;  ///< it should have come to rest by now
  Round last_round_;
  std::string_view exception_;
};

}  // namespace quorate::properties
