<?xml version="1.0" encoding="UTF-8"?>
<!--
  2.10 to 3.0: legacy names (spec/01 section 17.2).

  References (id-ref) stay references, as in upgrade-3.10.xsl.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" encoding="UTF-8"/>

  <!-- Option sets without a rule: only their default-* options are moved. -->
  <xsl:variable name="plain-options" select="/cib/configuration/crm_config/cluster_property_set[not(rule)]/nvpair"/>
  <xsl:variable name="action-timeout"
                select="$plain-options[@name = 'default-action-timeout' or @name = 'default_action_timeout'][1]"/>
  <xsl:variable name="stickiness"
                select="$plain-options[@name = 'default-resource-stickiness' or @name = 'default_resource_stickiness'][1]"/>
  <xsl:variable name="failure-stickiness"
                select="$plain-options[(@name = 'default-resource-failure-stickiness'
                                        or @name = 'default_resource_failure_stickiness')
                                       and @value = '-INFINITY'][1]"/>
  <xsl:variable name="is-managed"
                select="$plain-options[@name = 'is-managed-default' or @name = 'is_managed_default'][1]"/>

  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>

  <xsl:template match="/cib/@validate-with">
    <xsl:attribute name="validate-with">pacemaker-3.0</xsl:attribute>
  </xsl:template>

  <!-- Defaults that used to be cluster options. -->
  <xsl:template name="moved-operation-defaults">
    <xsl:param name="block" select="/.."/>
    <xsl:if test="$action-timeout and not($block/nvpair[@name = 'timeout'])">
      <nvpair id="{concat('_2TO3_', $action-timeout/@id)}" name="timeout" value="{$action-timeout/@value}"/>
    </xsl:if>
  </xsl:template>
  <xsl:template name="moved-resource-defaults">
    <xsl:param name="block" select="/.."/>
    <xsl:if test="$stickiness and not($block/nvpair[@name = 'resource-stickiness'])">
      <nvpair id="{concat('_2TO3_', $stickiness/@id)}" name="resource-stickiness" value="{$stickiness/@value}"/>
    </xsl:if>
    <xsl:if test="$failure-stickiness and not($block/nvpair[@name = 'migration-threshold'])">
      <nvpair id="{concat('_2TO3_', $failure-stickiness/@id)}" name="migration-threshold" value="1"/>
    </xsl:if>
    <xsl:if test="$is-managed and not($block/nvpair[@name = 'is-managed'])">
      <nvpair id="{concat('_2TO3_', $is-managed/@id)}" name="is-managed" value="{$is-managed/@value}"/>
    </xsl:if>
  </xsl:template>

  <xsl:template match="configuration">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()"/>
      <xsl:if test="$action-timeout and not(op_defaults)">
        <op_defaults>
          <meta_attributes id="_2TO3_-op-defaults">
            <xsl:call-template name="moved-operation-defaults"/>
          </meta_attributes>
        </op_defaults>
      </xsl:if>
      <xsl:if test="($stickiness or $failure-stickiness or $is-managed) and not(rsc_defaults)">
        <rsc_defaults>
          <meta_attributes id="_2TO3_-rsc-defaults">
            <xsl:call-template name="moved-resource-defaults"/>
          </meta_attributes>
        </rsc_defaults>
      </xsl:if>
    </xsl:copy>
  </xsl:template>
  <xsl:template match="op_defaults/meta_attributes[not(rule) and not(@id-ref)
                                                   and not(preceding-sibling::meta_attributes[not(rule) and not(@id-ref)])]">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()"/>
      <xsl:call-template name="moved-operation-defaults">
        <xsl:with-param name="block" select="../meta_attributes[not(rule)]"/>
      </xsl:call-template>
    </xsl:copy>
  </xsl:template>
  <xsl:template match="rsc_defaults/meta_attributes[not(rule) and not(@id-ref)
                                                    and not(preceding-sibling::meta_attributes[not(rule) and not(@id-ref)])]">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()"/>
      <xsl:call-template name="moved-resource-defaults">
        <xsl:with-param name="block" select="../meta_attributes[not(rule)]"/>
      </xsl:call-template>
    </xsl:copy>
  </xsl:template>

  <!-- Cluster options: moved or dropped ones first, then renamed ones. -->
  <xsl:template match="cluster_property_set[nvpair]">
    <xsl:variable name="kept">
      <xsl:for-each select="nvpair">
        <xsl:call-template name="keeps-option"/>
      </xsl:for-each>
    </xsl:variable>
    <xsl:if test="contains($kept, 'y')">
      <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
    </xsl:if>
  </xsl:template>
  <xsl:template name="keeps-option">
    <xsl:choose>
      <xsl:when test="@name = 'default-action-timeout' or @name = 'default_action_timeout'
                      or @name = 'default-resource-stickiness' or @name = 'default_resource_stickiness'
                      or @name = 'default-resource-failure-stickiness'
                      or @name = 'default_resource_failure_stickiness'
                      or @name = 'is-managed-default' or @name = 'is_managed_default'
                      or @name = 'default-migration-threshold' or @name = 'default_migration_threshold'
                      or @name = 'expected-quorum-votes' or @name = 'notification-agent'
                      or @name = 'notification-recipient'"/>
      <xsl:when test="@name = 'cluster-infrastructure'
                      and (@value = 'heartbeat' or @value = 'openais' or @value = 'classic openais'
                           or @value = 'classic openais (with plugin)' or @value = 'cman')"/>
      <xsl:otherwise>y</xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="cluster_property_set/nvpair">
    <xsl:variable name="kept"><xsl:call-template name="keeps-option"/></xsl:variable>
    <xsl:if test="$kept = 'y'">
      <xsl:copy>
        <xsl:apply-templates select="@*"/>
        <xsl:choose>
          <xsl:when test="@name = 'transition_idle_timeout'">
            <xsl:attribute name="name">cluster-delay</xsl:attribute>
          </xsl:when>
          <xsl:when test="@name = 'cluster_recheck_interval' or @name = 'dc_deadtime'
                          or @name = 'election_timeout' or @name = 'no_quorum_policy'
                          or @name = 'remove_after_stop' or @name = 'shutdown_escalation'
                          or @name = 'startup_fencing' or @name = 'stonith_action'
                          or @name = 'stonith_enabled' or @name = 'stop_orphan_actions'
                          or @name = 'stop_orphan_resources' or @name = 'symmetric_cluster'">
            <xsl:attribute name="name"><xsl:value-of select="translate(@name, '_', '-')"/></xsl:attribute>
          </xsl:when>
        </xsl:choose>
      </xsl:copy>
    </xsl:if>
  </xsl:template>

  <xsl:template match="nodes/node/@type[. = 'normal']">
    <xsl:attribute name="type">member</xsl:attribute>
  </xsl:template>
  <xsl:template match="rsc_colocation/@score-attribute|rsc_colocation/@score-attribute-mangle"/>

  <!-- Parameters of primitives and templates. -->
  <xsl:template match="primitive/instance_attributes/nvpair/@name|template/instance_attributes/nvpair/@name">
    <xsl:attribute name="name">
      <xsl:choose>
        <xsl:when test=". = 'pcmk_list_cmd' or . = 'pcmk_monitor_cmd' or . = 'pcmk_off_cmd'
                        or . = 'pcmk_on_cmd' or . = 'pcmk_reboot_cmd' or . = 'pcmk_status_cmd'">
          <xsl:value-of select="concat(substring-before(., '_cmd'), '_action')"/>
        </xsl:when>
        <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
      </xsl:choose>
    </xsl:attribute>
  </xsl:template>
  <xsl:template match="instance_attributes/nvpair[@name = 'pcmk_arg_map']" priority="2">
    <xsl:variable name="rest" select="substring-after(@value, 'port:')"/>
    <xsl:if test="starts-with(@value, 'port:') and $rest and not(contains($rest, ';'))
                  and not(contains($rest, ' ')) and not(contains($rest, ','))">
      <nvpair id="{@id}" name="pcmk_host_argument" value="{$rest}"/>
    </xsl:if>
  </xsl:template>

  <!-- Meta-attributes of resources. -->
  <xsl:template match="primitive/meta_attributes/nvpair|template/meta_attributes/nvpair|group/meta_attributes/nvpair
                       |clone/meta_attributes/nvpair|master/meta_attributes/nvpair|rsc_defaults/meta_attributes/nvpair">
    <xsl:choose>
      <xsl:when test="@name = 'isolation' or @name = 'isolation-host' or @name = 'isolation-instance'
                      or @name = 'isolation-wrapper'">
        <nvpair id="{@id}" name="target-role" value="Stopped"/>
      </xsl:when>
      <xsl:when test="@name = 'resource-failure-stickiness' or @name = 'resource_failure_stickiness'">
        <xsl:if test="@value = '-INFINITY'">
          <nvpair id="{@id}" name="migration-threshold" value="1"/>
        </xsl:if>
      </xsl:when>
      <xsl:otherwise><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Operations: requires belongs to the resource, the rest of the settings to meta-attributes. -->
  <xsl:template match="op/@requires|op/meta_attributes/nvpair[@name = 'requires']
                       |op/instance_attributes/nvpair[@name = 'requires']" priority="3"/>
  <xsl:template match="primitive|template">
    <xsl:variable name="operations" select="operations/op[@name = 'start' or @name = 'promote']"/>
    <xsl:variable name="asked"
                  select="$operations/@requires
                          |$operations/*[self::meta_attributes or self::instance_attributes]/nvpair[@name = 'requires']/@value"/>
    <xsl:copy>
      <xsl:apply-templates select="@*|node()"/>
      <xsl:if test="$asked and not(meta_attributes[not(rule)]/nvpair[@name = 'requires'])">
        <xsl:variable name="last" select="$asked[last()]"/>
        <meta_attributes id="{concat('_2TO3_', @id, '-meta')}">
          <nvpair id="{concat('_2TO3_', $last/ancestor-or-self::op/@id, '-meta-requires')}"
                  name="requires" value="{$last}"/>
        </meta_attributes>
      </xsl:if>
    </xsl:copy>
  </xsl:template>
  <xsl:template match="op/instance_attributes">
    <xsl:variable name="moved"
                  select="nvpair[@name = 'interval-origin' or @name = 'start-delay' or @name = 'enabled'
                                 or @name = 'on-fail' or @name = 'record-pending' or @name = 'role'
                                 or @name = 'timeout']"/>
    <xsl:if test="@id-ref or count(nvpair[not(@name = 'requires')]) &gt; count($moved)">
      <xsl:copy>
        <xsl:apply-templates select="@*"/>
        <xsl:apply-templates select="node()[count(.|$moved) != count($moved)]"/>
      </xsl:copy>
    </xsl:if>
    <xsl:if test="$moved">
      <meta_attributes>
        <xsl:attribute name="id">
          <xsl:choose>
            <xsl:when test="rule"><xsl:value-of select="concat('_2TO3_', @id)"/></xsl:when>
            <xsl:otherwise><xsl:value-of select="concat('_2TO3_', ../@id, '-meta')"/></xsl:otherwise>
          </xsl:choose>
        </xsl:attribute>
        <!-- The rule goes along; if its own block stays, by reference. -->
        <xsl:choose>
          <xsl:when test="rule[not(@id-ref)] and count(nvpair[not(@name = 'requires')]) &gt; count($moved)">
            <rule id-ref="{rule/@id}"/>
          </xsl:when>
          <xsl:otherwise><xsl:copy-of select="rule"/></xsl:otherwise>
        </xsl:choose>
        <xsl:copy-of select="$moved"/>
      </meta_attributes>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
