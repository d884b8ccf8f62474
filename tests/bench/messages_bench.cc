// What it costs to write a message and to read it again, for those a busy cluster sends most.
#include <benchmark/benchmark.h>

#include "messages/cib.h"
#include "messages/controller.h"
#include "messages/executor.h"

namespace {

using namespace quorate;

void order(benchmark::State& state) {
  ActionOrder order;
  order.to = 3;
  order.kind = "rsc_op";
  order.transition_key = "14:27:0:5f6a3c1e-7d24-4b39-9f1c-2a8e60d1b7c4";
  order.task = "monitor";
  order.operation_key = "web-server_monitor_10000";
  order.on_node = "node3";
  order.on_node_id = "3";
  order.resource = ResourceIdentity{"web-server", "", "ocf", "heartbeat", "apache", ""};
  order.parameters = {{"CRM_meta_interval", "10000"}, {"CRM_meta_timeout", "20000"},
                      {"CRM_meta_name", "monitor"},   {"CRM_meta_on_node", "node3"},
                      {"crm_feature_set", "3.20.5"},  {"configfile", "/etc/apache2/apache2.conf"}};
  for (auto _ : state) {
    benchmark::DoNotOptimize(decode_controller_message(encode(ControllerMessage(order))));
  }
}
BENCHMARK(order);

void hello(benchmark::State& state) {
  const ControllerHello hello{12,       7,    "node3", "5f6a3c1e-7d24-4b39-9f1c-2a8e60d1b7c4",
                              "3.20.5", true, 7};
  for (auto _ : state) {
    benchmark::DoNotOptimize(decode_controller_message(encode(ControllerMessage(hello))));
  }
}
BENCHMARK(hello);

void action_ended(benchmark::State& state) {
  executor::ActionEnded ended;
  ended.resource = "web-server";
  ended.agent = {"ocf", "heartbeat", "apache"};
  ended.task = "monitor";
  ended.interval_ms = 10'000;
  ended.timeout_ms = 20'000;
  ended.call_id = 117;
  ended.result = {7, ExecutionStatus::kDone, "apache isn't running"};
  ended.output = "INFO: waiting for apache /etc/apache2/apache2.conf to come up\n";
  ended.run_time_s = ended.rc_change_time_s = 1'795'000'000;
  ended.exec_time_ms = 41;
  ended.parameters = {{"CRM_meta_interval", "10000"},
                      {"CRM_meta_timeout", "20000"},
                      {"configfile", "/etc/apache2/apache2.conf"}};
  ended.user_data = "14:27:0:5f6a3c1e-7d24-4b39-9f1c-2a8e60d1b7c4";
  for (auto _ : state) {
    benchmark::DoNotOptimize(executor::decode_answer(executor::encode(executor::Answer(ended))));
  }
}
BENCHMARK(action_ended);

void cib_change(benchmark::State& state) {
  CibChange change;
  change.position = 4711;
  change.version = {0, 12, 345};
  change.operation = "cib_modify";
  change.client = "quorate-controller";
  change.node = "node3";
  change.request_id = 99;
  change.session = "c0ffee-1234";
  for (int i = 0; i < 8; ++i) {
    change.patch += "<change operation=\"modify\" path=\"/cib/status/node_state[@id='3']/lrm\"/>";
  }
  for (auto _ : state) benchmark::DoNotOptimize(decode_cib_server_message(encode(change)));
}
BENCHMARK(cib_change);

}  // namespace

BENCHMARK_MAIN();
