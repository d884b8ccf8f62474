#include "quorate/demo/configuration.h"

#include <fmt/format.h>

namespace quorate::demo {

std::string demo_configuration(const ConfigurationChoices& choices) {
  std::string devices;
  for (const std::string& node : choices.nodes) {
    devices += fmt::format(R"(
    <primitive id="power-{0}" class="stonith" type="fence_switch">
      <instance_attributes id="power-{0}-parameters">
        <nvpair id="power-{0}-hosts" name="pcmk_host_list" value="{0}"/>
        <nvpair id="power-{0}-folder" name="switch_dir" value="{1}"/>
      </instance_attributes>
    </primitive>)",
                           node, choices.switch_folder);
  }
  return fmt::format(R"(<configuration>
  <crm_config>
    <cluster_property_set id="cib-bootstrap-options">
      <nvpair id="option-cluster-name" name="cluster-name" value="demo"/>
      <nvpair id="option-fencing-action" name="fencing-action" value="reboot"/>
    </cluster_property_set>
  </crm_config>
  <nodes/>
  <resources>{0}
    <group id="shop">
      <primitive id="web" class="ocf" provider="quorate" type="HttpService">
        <instance_attributes id="web-parameters">
          <nvpair id="web-port" name="port" value="{1}"/>
          <nvpair id="web-program" name="program" value="{2}"/>
        </instance_attributes>
        <operations>
          <op id="web-monitor" name="monitor" interval="5s" timeout="10s"/>
        </operations>
      </primitive>
      <primitive id="cart" class="ocf" provider="quorate" type="Dummy">
        <operations>
          <op id="cart-monitor" name="monitor" interval="10s" timeout="10s"/>
        </operations>
      </primitive>
    </group>
    <clone id="storage">
      <primitive id="disk" class="ocf" provider="quorate" type="Dummy">
        <operations>
          <op id="disk-monitor" name="monitor" interval="10s" timeout="10s"/>
        </operations>
      </primitive>
    </clone>
  </resources>
  <constraints>
    <rsc_colocation id="shop-with-storage" rsc="shop" with-rsc="storage" score="INFINITY"/>
    <rsc_order id="storage-before-shop" first="storage" then="shop"/>
  </constraints>
  <rsc_defaults>
    <meta_attributes id="rsc-defaults">
      <nvpair id="rsc-defaults-stickiness" name="resource-stickiness" value="100"/>
    </meta_attributes>
  </rsc_defaults>
</configuration>
)",
                     devices, choices.port, choices.server);
}

}  // namespace quorate::demo
