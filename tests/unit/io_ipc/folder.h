#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

/// A folder of its own for one test, removed with all it holds.
class Folder {
 public:
  Folder() {
    std::string name = "/tmp/quorate-test-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  bool empty() const { return std::filesystem::is_empty(path_); }

 private:
  std::string path_;
};
