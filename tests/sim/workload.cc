#include "workload.h"

#include <fmt/format.h>

#include "messages/cib.h"
#include "xml/document.h"
#include "xml/xpath.h"

namespace quorate::sim {

// ---- Configuration ----------------------------------------------------------------------------

namespace {

std::string primitive(const std::string& id, Random& random, const std::string& extra = "") {
  static constexpr int kIntervals[] = {5, 10, 15, 30};
  return fmt::format(
      "<primitive id='{0}' class='ocf' provider='quorate' type='Sim'>{2}<operations>"
      "<op id='{0}-monitor' name='monitor' interval='{1}s' timeout='20s'/>"
      "<op id='{0}-start' name='start' interval='0' timeout='20s'/>"
      "<op id='{0}-stop' name='stop' interval='0' timeout='20s'/></operations></primitive>",
      id, kIntervals[random.between(0, 3)], extra);
}

/// A primitive with two roles.
std::string stateful(const std::string& id) {
  return fmt::format(
      "<primitive id='{0}' class='ocf' provider='quorate' type='Sim'><operations>"
      "<op id='{0}-monitor' name='monitor' interval='15s' timeout='20s' role='Unpromoted'/>"
      "<op id='{0}-promoted' name='monitor' interval='10s' timeout='20s' role='Promoted'/>"
      "<op id='{0}-start' name='start' interval='0' timeout='20s'/>"
      "<op id='{0}-promote' name='promote' interval='0' timeout='20s'/>"
      "<op id='{0}-demote' name='demote' interval='0' timeout='20s'/>"
      "<op id='{0}-stop' name='stop' interval='0' timeout='20s'/></operations></primitive>",
      id);
}

std::string meta(const std::string& id, const std::string& name, const std::string& value) {
  return fmt::format(
      "<meta_attributes id='{0}-meta'><nvpair id='{0}-meta-{1}' name='{1}' value='{2}'/>"
      "</meta_attributes>",
      id, name, value);
}

std::string fence_device(const std::string& node) {
  return fmt::format(
      "<primitive id='fence-{0}' class='stonith' type='fence_sim'><instance_attributes "
      "id='fence-{0}-p'><nvpair id='fence-{0}-l' name='pcmk_host_list' value='{0}'/>"
      "</instance_attributes><operations><op id='fence-{0}-m' name='monitor' interval='60s' "
      "timeout='20s'/></operations></primitive>",
      node);
}

}  // namespace

Scenario make_scenario(Random& random, const std::vector<Member>& nodes) {
  Scenario scenario;
  std::string resources;
  std::string constraints;
  const auto single = [&](const std::string& id, const std::string& extra = "") {
    scenario.singles.insert(id);
    return primitive(id, random, extra);
  };
  for (const Member& node : nodes) resources += fence_device(node.name);
  for (int i = 1; i <= 5; ++i) {
    const std::string id = fmt::format("p{}", i);
    resources += single(id, random.chance(30) ? meta(id, "migration-threshold", "3") : "");
  }
  for (const auto& [id, members] : {std::pair("g1", 3), std::pair("g2", 2)}) {
    resources += fmt::format("<group id='{}'>", id);
    for (int member = 1; member <= members; ++member) {
      resources += single(fmt::format("{}m{}", id, member));
    }
    resources += "</group>";
  }
  resources +=
      "<clone id='c1'>" + primitive("c1p", random) + meta("c1", "interleave", "true") + "</clone>";
  resources += "<clone id='c2'><group id='c2g'>" + primitive("c2a", random) +
               primitive("c2b", random) + "</group></clone>";
  resources +=
      "<clone id='c3'><meta_attributes id='c3-meta'><nvpair id='c3-promotable' "
      "name='promotable' value='true'/></meta_attributes>" +
      stateful("c3p") + "</clone>";
  scenario.promoted_once.insert("c3p");
  // Containers alone: there is no executor in them to be simulated.
  resources += "<bundle id='b1'><podman image='sim' replicas='2'/></bundle>";
  for (const char* container : {"b1-podman-0", "b1-podman-1"}) scenario.singles.insert(container);
  const auto node = [&] {
    return nodes[static_cast<std::size_t>(
                     random.between(0, static_cast<std::int64_t>(nodes.size()) - 1))]
        .name;
  };
  constraints += fmt::format("<rsc_location id='l1' rsc='p1' node='{}' score='100'/>", node());
  constraints +=
      fmt::format("<rsc_location id='l2' rsc='p2' node='{}' score='-INFINITY'/>", node());
  constraints += "<rsc_colocation id='col1' rsc='p3' with-rsc='g1' score='INFINITY'/>";
  constraints += "<rsc_colocation id='col2' rsc='p4' with-rsc='p1' score='-INFINITY'/>";
  constraints += "<rsc_order id='o1' first='c1' then='g1'/>";
  constraints += "<rsc_order id='o2' first='g2' then='p5' kind='Optional'/>";
  constraints += "<rsc_colocation id='col3' rsc='g2' with-rsc='c2' score='INFINITY'/>";
  // Every node may be promoted, some rather than others.
  constraints += "<rsc_location id='l3' rsc='c3'>";
  for (const Member& member : nodes) {
    constraints += fmt::format(
        "<rule id='l3-{0}' role='Promoted' score='{1}'><expression id='l3-{0}-e' "
        "attribute='#uname' operation='eq' value='{0}'/></rule>",
        member.name, random.between(1, 4) * 10);
  }
  constraints += "</rsc_location>";
  constraints +=
      "<rsc_colocation id='col4' rsc='p5' with-rsc='c3' with-rsc-role='Promoted' "
      "score='INFINITY'/>";
  constraints +=
      "<rsc_order id='o3' first='c3' first-action='promote' then='p5' then-action='start'/>";
  std::string node_list;
  for (const Member& member : nodes) {
    node_list += fmt::format("<node id='{}' uname='{}'/>", member.node, member.name);
  }
  static constexpr const char* kPolicies[] = {"stop", "stop", "freeze"};
  scenario.configuration = fmt::format(
      "<crm_config><cluster_property_set id='cib-bootstrap-options'>"
      "<nvpair id='opt-quorum' name='no-quorum-policy' value='{}'/>"
      "<nvpair id='opt-recheck' name='cluster-recheck-interval' value='60s'/>"
      "<nvpair id='opt-fence' name='fencing-timeout' value='20s'/>"
      "</cluster_property_set></crm_config><nodes>{}</nodes><resources>{}</resources>"
      "<constraints>{}</constraints><rsc_defaults><meta_attributes id='rd'>"
      "<nvpair id='rd-s' name='resource-stickiness' value='{}'/>"
      "<nvpair id='rd-t' name='failure-timeout' value='60s'/></meta_attributes></rsc_defaults>",
      kPolicies[random.between(0, 2)], node_list, resources, constraints,
      random.between(0, 1) * 100);
  return scenario;
}

// ---- Clients ----------------------------------------------------------------------------------

namespace {
constexpr std::string_view kAppliedOnce = "value++";
constexpr std::int64_t kPatience = 5'000'000;
}  // namespace

void Clients::ask(Machine& machine, std::uint64_t id, const cib::Request& what, Done done) {
  Process* process = machine.process(Daemon::kCib);
  if (!machine.powered() || process == nullptr || !process->running()) {
    done(true, {});
    return;
  }
  CibRequest request;
  request.id = id;
  request.session = fmt::format("client-{}", request.id);
  request.client = "cibadmin";
  request.what = what;
  // Whatever comes first ends it: the answer, or the end of the connection.
  auto open = std::make_shared<bool>(true);
  auto connection = std::make_shared<ClientId>(0);
  Machine* where = &machine;
  const std::uint64_t number = process->number();
  Client client;
  client.receive = [this, open, done, where, connection, number](const std::string& payload) {
    const auto message = decode_cib_server_message(payload);
    if (!message || !std::holds_alternative<CibReply>(*message) || !*open) return;
    *open = false;
    Process* daemon = where->process(Daemon::kCib);
    if (daemon != nullptr && daemon->number() == number) daemon->disconnect(*connection);
    done(false, payload);
  };
  client.gone = [open, done] {
    if (!*open) return;
    *open = false;
    done(true, {});
  };
  PeerCredentials peer;
  peer.user = "root";
  peer.privileged = true;
  // Nobody waits for ever.
  world_.time.after(kPatience, [open, done, where, connection, number] {
    if (!*open) return;
    *open = false;
    Process* daemon = where->process(Daemon::kCib);
    if (daemon != nullptr && daemon->number() == number) daemon->disconnect(*connection);
    done(true, {});
  });
  *connection = process->connect(std::move(client), peer);
  process->from_client(*connection, encode(request));
}

void Clients::load(const std::string& configuration) {
  // Nothing is listening at first: try at any machine until one accepts it.
  Machine& machine = *world_.random.pick(world_.machines);
  cib::Request request;
  request.operation = cib::Operation::kReplace;
  request.section = "configuration";
  request.data = "<configuration>" + configuration + "</configuration>";
  ask(machine, next_request_++, request,
      [this, configuration](bool lost, const std::string& reply) {
        if (!lost) {
          const auto message = decode_cib_server_message(reply);
          const auto& answer = std::get<CibReply>(*message);
          if (answer.code == cib::Code::kOk) {
            loaded_ = true;
            return;
          }
          world_.trace(fmt::format("load: {} {}", cib::message_of(answer.code), answer.message));
        }
        world_.time.after(100'000, [this, configuration] { load(configuration); });
      });
}

void Clients::keep_changing(std::int64_t until_us) {
  world_.time.after(world_.random.between(10'000'000, 60'000'000), [this, until_us] {
    if (world_.time.now_us() > until_us) return;
    keep_changing(until_us);
    change_once();
  });
}

void Clients::change_around(std::int64_t at_us) {
  for (auto left = world_.random.between(0, 3); left > 0; --left) {
    const std::int64_t when = at_us + world_.random.between(-60'000, 60'000);
    world_.time.at(std::max(when, world_.time.now_us()), [this] { change_once(); });
  }
}

void Clients::change_once() {
  // An option of its own for each change, so that no later change hides the loss of an earlier one.
  ask_for_change(next_request_++, fmt::format("change-{}", ++asked_), 2);
}

void Clients::ask_for_change(std::uint64_t id, const std::string& name, int retries) {
  // `value++` is taken literally where there was no value, and counts where there was: applied
  // twice it isn't what was asked for any more.
  cib::Request request;
  request.operation = cib::Operation::kModify;
  request.section = "crm_config";
  request.options.may_create = true;
  request.options.score_update = true;
  request.data = fmt::format(
      "<crm_config><cluster_property_set id='cib-bootstrap-options'><nvpair id='opt-{0}' "
      "name='{0}' value='{1}'/></cluster_property_set></crm_config>",
      name, kAppliedOnce);
  ++waiting_;
  Machine& machine = *world_.random.pick(world_.machines);
  world_.tell(&Observer::change_asked, machine);
  ask(machine, id, request,
      [this, id, name, retries, &machine](bool lost, const std::string& reply) {
        --waiting_;
        if (lost) {
          // A tool that has lost its answer asks again, wherever it gets through.
          if (retries == 0) return;
          world_.time.after(world_.random.between(100'000, 3'000'000),
                            [this, id, name, retries] { ask_for_change(id, name, retries - 1); });
          return;
        }
        const auto message = decode_cib_server_message(reply);
        const auto& answer = std::get<CibReply>(*message);
        if (answer.code != cib::Code::kOk || answer.durability != Durability::kDurable) return;
        durable_.insert(name);
        world_.tell(&Observer::change_durable, machine, fmt::format("opt-{}", name));
      });
}

std::vector<std::string> Clients::missing_from(const std::string& document) const {
  std::vector<std::string> missing;
  const auto parsed = xml::Document::parse(document);
  if (!parsed) return {"the document doesn't parse"};
  for (const std::string& name : durable_) {
    const auto found = xml::find_all(parsed->root(), fmt::format("//nvpair[@id='opt-{}']", name));
    if (!found || found->empty()) {
      missing.push_back(name + " was acknowledged as durable and is not in the CIB");
    }
  }
  const auto again = xml::find_all(
      parsed->root(),
      fmt::format("//nvpair[starts-with(@id, 'opt-change-') and @value != '{}']", kAppliedOnce));
  if (again && !again->empty()) {
    missing.push_back(fmt::format("{} was applied more than once", again->front().id()));
  }
  return missing;
}

}  // namespace quorate::sim
