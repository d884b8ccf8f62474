<?xml version="1.0" encoding="UTF-8"?>
<!--
  3.10 to 4.0, first part: renames and rewrites (spec/01 section 17.3, steps 1 to 3).

  References (id-ref) stay references: what they refer to is rewritten in its own place, so that
  expanding them first and folding them afterwards would give the same document. The one exception
  is a pair that refers to another and carries a name of its own.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" encoding="UTF-8"/>
  <xsl:key name="pair" match="configuration//nvpair[@id]" use="@id"/>
  <xsl:key name="referenced-rule" match="configuration//rule[@id-ref]" use="@id-ref"/>
  <xsl:variable name="prefix" select="'pcmk__3_10_upgrade-'"/>

  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>

  <xsl:template match="/cib/@validate-with">
    <xsl:attribute name="validate-with">pacemaker-4.0</xsl:attribute>
  </xsl:template>

  <!-- Blocks of one parent go behind its other children, highest score first. -->
  <xsl:template match="*[cluster_property_set|meta_attributes|instance_attributes|utilization]">
    <xsl:copy><xsl:call-template name="content-with-sorted-blocks"/></xsl:copy>
  </xsl:template>

  <xsl:template name="content-with-sorted-blocks">
    <xsl:apply-templates select="@*"/>
    <xsl:apply-templates select="node()[not(self::cluster_property_set or self::meta_attributes
                                         or self::instance_attributes or self::utilization)]"/>
    <xsl:apply-templates select="cluster_property_set|meta_attributes|instance_attributes|utilization">
      <xsl:sort select="number(@id = 'cib-bootstrap-options')" data-type="number" order="descending"/>
      <xsl:sort select="sum(@score[number(.) = number(.)])
                        + 1000000 * (@score = 'INFINITY' or @score = '+INFINITY')
                        - 1000000 * (@score = '-INFINITY')"
                data-type="number" order="descending"/>
    </xsl:apply-templates>
  </xsl:template>

  <!-- Pairs: only the first of a name counts; a pair without a value says nothing. -->
  <xsl:template match="nvpair[@name and not(@id-ref) and not(@value)]" priority="3"/>
  <xsl:template priority="2"
                match="nvpair[@name and @value and not(@value = '#default')
                              and @name = preceding-sibling::nvpair[@value and not(@value = '#default')]/@name]"/>
  <xsl:template priority="2"
                match="nvpair[@name and @value = '#default'
                              and @name = preceding-sibling::nvpair[@value = '#default']/@name]"/>
  <xsl:template match="nvpair[@id-ref and @name]" priority="4">
    <nvpair id="{concat($prefix, @id-ref, '-', @name)}" name="{@name}"
            value="{key('pair', @id-ref)/@value}"/>
  </xsl:template>

  <!-- Cluster options. -->
  <xsl:template match="cluster_property_set/nvpair[@name = 'remove-after-stop']" priority="5"/>
  <xsl:template match="cluster_property_set/nvpair/@name[. = 'crmd-finalization-timeout']">
    <xsl:attribute name="name">join-finalization-timeout</xsl:attribute>
  </xsl:template>
  <xsl:template match="cluster_property_set/nvpair/@name[. = 'crmd-integration-timeout']">
    <xsl:attribute name="name">join-integration-timeout</xsl:attribute>
  </xsl:template>
  <xsl:template match="cluster_property_set/nvpair/@name[. = 'crmd-transition-delay']">
    <xsl:attribute name="name">transition-delay</xsl:attribute>
  </xsl:template>
  <xsl:template match="cluster_property_set/nvpair[@name = 'stonith-action']/@value[. = 'poweroff']">
    <xsl:attribute name="value">off</xsl:attribute>
  </xsl:template>

  <xsl:template match="date_spec/@moon"/>
  <xsl:template match="fencing-level[@index &gt; 9]"/>

  <!-- Ping nodes become members on which nothing may run. -->
  <xsl:template match="nodes/node/@type[. = 'ping']">
    <xsl:attribute name="type">member</xsl:attribute>
  </xsl:template>
  <xsl:template match="configuration/constraints">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()"/>
      <xsl:for-each select="/cib/configuration/nodes/node[@type = 'ping']">
        <rsc_location id="{concat($prefix, 'ping-node-ban-', @uname)}" rsc-pattern=".*"
                      node="{@uname}" score="-INFINITY" resource-discovery="never"/>
      </xsl:for-each>
      <xsl:variable name="kept" select="(rsc_colocation|rsc_order)/lifetime/rule[key('referenced-rule', @id)]"/>
      <xsl:if test="$kept">
        <rsc_location id="{concat($prefix, 'coloc-order-lifetime-rules')}" rsc-pattern="a^">
          <rule id="{concat($prefix, 'coloc-order-lifetime-rule')}" boolean-op="or">
            <xsl:apply-templates select="$kept"/>
          </rule>
        </rsc_location>
      </xsl:if>
    </xsl:copy>
  </xsl:template>

  <!-- Masters are promotable clones. -->
  <xsl:template match="master" priority="2">
    <clone>
      <xsl:apply-templates select="@*"/>
      <xsl:apply-templates select="node()[not(self::meta_attributes or self::instance_attributes)]"/>
      <meta_attributes id="{concat($prefix, 'promotable-legacy-', @id, '-meta_attributes')}" score="INFINITY">
        <nvpair id="{concat($prefix, 'promotable-legacy-', @id, '-promotable')}" name="promotable" value="true"/>
      </meta_attributes>
      <xsl:apply-templates select="meta_attributes|instance_attributes"/>
    </clone>
  </xsl:template>
  <xsl:template match="acl_permission/@reference[. = //master/@id]">
    <xsl:attribute name="xpath">
      <xsl:value-of select="concat(&quot;//clone[@id='&quot;, ., &quot;']&quot;)"/>
    </xsl:attribute>
  </xsl:template>
  <xsl:template match="docker/@masters|podman/@masters|rkt/@masters">
    <xsl:if test="not(../@promoted-max)">
      <xsl:attribute name="promoted-max"><xsl:value-of select="."/></xsl:attribute>
    </xsl:if>
  </xsl:template>

  <!-- One rule per location. -->
  <xsl:template match="rsc_location[count(rule) &gt; 1 and not(lifetime)]" priority="2">
    <xsl:variable name="constraint" select="."/>
    <xsl:for-each select="rule">
      <rsc_location>
        <xsl:copy-of select="$constraint/@*"/>
        <xsl:attribute name="id"><xsl:value-of select="concat($prefix, $constraint/@id, '-', position())"/></xsl:attribute>
        <xsl:call-template name="sets-of">
          <xsl:with-param name="constraint" select="$constraint"/>
          <xsl:with-param name="first" select="position() = 1"/>
        </xsl:call-template>
        <xsl:apply-templates select="."/>
      </rsc_location>
    </xsl:for-each>
  </xsl:template>
  <!-- The sets stay in the first of the new constraints; the others refer to them. -->
  <xsl:template name="sets-of">
    <xsl:param name="constraint"/>
    <xsl:param name="first"/>
    <xsl:choose>
      <xsl:when test="$first"><xsl:apply-templates select="$constraint/resource_set"/></xsl:when>
      <xsl:otherwise>
        <xsl:for-each select="$constraint/resource_set">
          <resource_set id-ref="{@id|@id-ref}"/>
        </xsl:for-each>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Lifetimes. -->
  <xsl:template match="rsc_colocation/lifetime|rsc_order/lifetime"/>
  <xsl:template match="rsc_location[lifetime]" priority="3">
    <xsl:copy>
      <xsl:apply-templates select="@*[name() != 'node' and name() != 'score']"/>
      <xsl:apply-templates select="resource_set"/>
      <rule id="{concat($prefix, @id, '-lifetime-and-rule')}" boolean-op="and">
        <xsl:choose>
          <xsl:when test="rule"><xsl:apply-templates select="rule"/></xsl:when>
          <xsl:otherwise>
            <rule id="{concat($prefix, @id, '-lifetime-node-rule')}" score="{@score}">
              <expression id="{concat($prefix, @id, '-lifetime-node-expr')}" attribute="#uname"
                          operation="eq" value="{@node}"/>
            </rule>
          </xsl:otherwise>
        </xsl:choose>
        <xsl:choose>
          <xsl:when test="count(lifetime/rule) = 1"><xsl:apply-templates select="lifetime/rule"/></xsl:when>
          <xsl:otherwise>
            <rule id="{concat($prefix, @id, '-lifetime-or-rule')}" boolean-op="or">
              <xsl:apply-templates select="lifetime/rule"/>
            </rule>
          </xsl:otherwise>
        </xsl:choose>
      </rule>
    </xsl:copy>
  </xsl:template>
</xsl:stylesheet>
