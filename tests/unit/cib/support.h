#pragma once

#include <string>

#include "cib/apply.h"

namespace quorate::cib::test {

inline Cib parse(std::string_view text) { return std::move(*Cib::parse(text)); }

inline Request request(Operation operation, std::string section, std::string data = {},
                       CallOptions options = {}) {
  return Request{operation, std::move(section), options, std::move(data)};
}

inline Request by_xpath(Operation operation, std::string xpath, std::string data = {}) {
  CallOptions options;
  options.xpath = true;
  return Request{operation, std::move(xpath), options, std::move(data)};
}

/// Says no to documents that hold an element `invalid`.
class FakeValidator : public Validator {
 public:
  std::vector<std::string> verdict;  ///< on everything, if not empty
  std::vector<std::string> complaints(xml::Element cib) const override {
    if (!verdict.empty()) return verdict;
    std::vector<std::string> found;
    xml::for_each_descendant(cib, [&](xml::Element element) {
      if (element.name() == "invalid") found.push_back(element.path() + ": not allowed");
    });
    return found;
  }
  Result<xml::Document> upgrade(xml::Element cib, std::string_view) const override {
    xml::Document copy = xml::Document::copy_of(cib);
    copy.root().set("validate-with", highest_schema());
    return copy;
  }
  std::string highest_schema() const override { return "pacemaker-4.0"; }
};

inline Cib sample() {
  return parse(
      R"(<cib crm_feature_set="3.20.5" validate-with="pacemaker-4.0" admin_epoch="0" epoch="1" num_updates="0">
  <configuration>
    <crm_config><cluster_property_set id="cib-bootstrap-options"><nvpair id="o1" name="symmetric-cluster" value="true"/></cluster_property_set></crm_config>
    <nodes/><resources><!-- web --><primitive id="a" class="ocf"/><primitive id="b" class="ocf"/></resources><constraints/>
  </configuration>
  <status><node_state id="1" uname="n1"><lrm id="1"/></node_state></status></cib>)");
}

}  // namespace quorate::cib::test
