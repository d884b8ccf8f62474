#include "base/digest.h"

#include <catch2/catch.hpp>

using namespace quorate;
using Parameters = std::map<std::string, std::string>;

TEST_CASE("MD5 gives the RFC's test vectors") {
  CHECK(md5_hex("") == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(md5_hex("abc") == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(
      md5_hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890") ==
      "57edf4a22be3c955ac49da2e2107b67a");
  CHECK(md5_hex("abcdefghijklmnopqrstuvwxyz") == "c3fcd3d76192e4007dfb496cca67e13b");
}

TEST_CASE("parameter digests are those of existing histories") {
  CHECK(parameters_digest({}) == "f2317cad3d54cec5d7d7aa7d0bf35cf8");
  CHECK(parameters_digest({{"fake", "foo"}, {"passwd", "whatever"}}) ==
        "457016173e548c394dcf3896e3066412");
  const Parameters monitor = {{"fake", "foo"},
                              {"passwd", "whatever"},
                              {"CRM_meta_timeout", "20000"},
                              {"CRM_meta_interval", "10000"},
                              {"crm_feature_set", "3.20.5"}};
  CHECK(parameters_digest(digest_parameters(monitor)) == "f9a51bfe2c3d74c3b72202f3101682b7");
}

TEST_CASE("a probe's digest leaves its timeout out") {
  CHECK(digest_parameters({{"CRM_meta_timeout", "20000"}, {"id", "x"}, {"a", "1"}}) ==
        Parameters{{"a", "1"}});
}
