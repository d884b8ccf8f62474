#pragma once

#include <corosync/cmap.h>

#include <functional>
#include <string>
#include <vector>

#include "io/cluster/corosync/node_list.h"

namespace quorate::cluster {

/// A connection to corosync's configuration map.
class Cmap {
 public:
  Cmap() = default;
  ~Cmap();
  Cmap(const Cmap&) = delete;
  Cmap& operator=(const Cmap&) = delete;

  cs_error_t open();
  /// The entries whose keys begin with `prefix`.
  void read(const char* prefix, std::vector<ConfigurationEntry>& entries);
  /// Calls `changed` from dispatch() whenever an entry whose key begins with `prefix` has changed.
  cs_error_t track(const char* prefix, std::function<void()> changed);
  int fd() const;  ///< readable when dispatch() has something to do; -1 on error
  cs_error_t dispatch();

 private:
  static void notified(cmap_handle_t handle, cmap_track_handle_t track, std::int32_t event,
                       const char* key, cmap_notify_value now, cmap_notify_value before,
                       void* self);
  std::string text_of(const char* key, cmap_value_types_t type);

  cmap_handle_t handle_{};
  bool open_ = false;
  std::function<void()> changed_;
};

}  // namespace quorate::cluster
