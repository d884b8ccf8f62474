<?xml version="1.0" encoding="UTF-8"?>
<!-- 1.3 to 2.0: access control lists in their present form (spec/01 section 17.1). -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" encoding="UTF-8"/>

  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>

  <xsl:template match="acl_user">
    <acl_target id="{@id}">
      <xsl:for-each select="role_ref"><role id="{@id}"/></xsl:for-each>
      <xsl:if test="read|write|deny"><role id="{concat('auto-', @id)}"/></xsl:if>
    </acl_target>
    <xsl:if test="read|write|deny">
      <acl_role id="{concat('auto-', @id)}"><xsl:apply-templates select="read|write|deny"/></acl_role>
    </xsl:if>
  </xsl:template>

  <xsl:template match="acl_user/read|acl_user/write|acl_user/deny|acl_role/read|acl_role/write|acl_role/deny">
    <acl_permission id="{@id}" kind="{name()}">
      <xsl:choose>
        <xsl:when test="@xpath and @attribute">
          <xsl:attribute name="xpath"><xsl:value-of select="concat(@xpath, '[@', @attribute, ']')"/></xsl:attribute>
        </xsl:when>
        <xsl:when test="@xpath"><xsl:copy-of select="@xpath"/></xsl:when>
        <xsl:when test="@tag">
          <xsl:attribute name="object-type"><xsl:value-of select="@tag"/></xsl:attribute>
          <xsl:copy-of select="@attribute"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:attribute name="reference"><xsl:value-of select="@ref"/></xsl:attribute>
        </xsl:otherwise>
      </xsl:choose>
      <xsl:copy-of select="@description"/>
    </acl_permission>
  </xsl:template>
</xsl:stylesheet>
