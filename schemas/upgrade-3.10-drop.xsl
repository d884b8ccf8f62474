<?xml version="1.0" encoding="UTF-8"?>
<!--
  3.10 to 4.0, second part: what no version supports any more is dropped, with everything that names
  it (spec/01 section 17.3, steps 4 and 99).
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" encoding="UTF-8"/>

  <!-- Dropped templates and resources; collectives that lose their last member go with it. -->
  <xsl:key name="dropped-template" use="@id"
           match="template[translate(@class, 'NAGIOSUPTR', 'nagiosuptr') = 'nagios'
                           or translate(@class, 'NAGIOSUPTR', 'nagiosuptr') = 'upstart']"/>
  <xsl:variable name="dropped-primitives"
                select="//primitive[translate(@class, 'NAGIOSUPTR', 'nagiosuptr') = 'nagios'
                                    or translate(@class, 'NAGIOSUPTR', 'nagiosuptr') = 'upstart'
                                    or (@template and key('dropped-template', @template))
                                    or parent::bundle[rkt]]"/>
  <xsl:variable name="dropped-groups"
                select="//group[primitive and not(primitive[count(.|$dropped-primitives) != count($dropped-primitives)])]"/>
  <xsl:variable name="dropped-clones"
                select="//clone[not((primitive|group)[count(.|$dropped-primitives|$dropped-groups)
                                                      != count($dropped-primitives|$dropped-groups)])]"/>
  <xsl:variable name="dropped"
                select="$dropped-primitives|$dropped-groups|$dropped-clones|//bundle[rkt]
                        |//template[key('dropped-template', @id)]"/>

  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>

  <xsl:template match="resources//primitive|resources//group|resources//clone|resources/bundle|resources/template">
    <xsl:if test="count(.|$dropped) != count($dropped)">
      <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
    </xsl:if>
  </xsl:template>

  <xsl:template match="constraints/*">
    <xsl:variable name="emptied"
                  select="resource_set[resource_ref and not(resource_ref[not(@id = $dropped/@id)])]"/>
    <xsl:choose>
      <xsl:when test="@rsc = $dropped/@id or @with-rsc = $dropped/@id or @first = $dropped/@id
                      or @then = $dropped/@id"/>
      <xsl:when test="resource_set and count($emptied) = count(resource_set)"/>
      <xsl:otherwise><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="resource_set[resource_ref]">
    <xsl:if test="resource_ref[not(@id = $dropped/@id)]">
      <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
    </xsl:if>
  </xsl:template>
  <xsl:template match="resource_ref|obj_ref">
    <xsl:if test="not(@id = $dropped/@id)"><xsl:copy-of select="."/></xsl:if>
  </xsl:template>
  <xsl:template match="tag">
    <xsl:if test="obj_ref[not(@id = $dropped/@id)]">
      <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
    </xsl:if>
  </xsl:template>
  <xsl:template match="fencing-level">
    <xsl:if test="not(@devices = $dropped/@id)"><xsl:copy-of select="."/></xsl:if>
  </xsl:template>

  <!-- Names that are no longer allowed. -->
  <xsl:template match="resources//meta_attributes/nvpair[@name = 'restart-type']
                       |rsc_defaults/meta_attributes/nvpair[@name = 'restart-type']"/>
  <xsl:template match="op/meta_attributes/nvpair[@name = 'can_fail' or @name = 'role_after_failure']
                       |op_defaults/meta_attributes/nvpair[@name = 'can_fail' or @name = 'role_after_failure']"/>

  <!-- A permission whose object is gone matches nothing. -->
  <xsl:template match="acl_permission/@reference">
    <xsl:choose>
      <xsl:when test=". = $dropped/@id or . = $dropped//@id">
        <xsl:attribute name="xpath">/*[false()]</xsl:attribute>
      </xsl:when>
      <xsl:otherwise><xsl:copy/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
