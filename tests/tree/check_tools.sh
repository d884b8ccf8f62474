#!/bin/sh
# What scripts call in loops starts fast: no main loop, whose library brings six others, and no more libraries than these.
# Usage: check_tools.sh BIN
cd "$1" || exit 1
failed=0
for tool in attrd_updater cibadmin crm_attribute crm_failcount crm_node crm_standby crm_ticket crmadmin; do
  [ -f "$tool" ] || exit 77  # a build of something else
  for library in $(readelf -d "$tool" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'); do
    case $library in
      libbz2.* | libc.* | libfmt.* | libgcc_s.* | libm.* | libstdc++.* | libxml2.* | libxslt.*) ;;
      libasan.* | libubsan.* | libtsan.*) ;;
      *)
        echo "$tool links $library: every call of it pays for that at its start"
        failed=1
        ;;
    esac
  done
done
exit $failed
